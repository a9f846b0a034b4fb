package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The manifests that Helm renders from the chart.
@Needs(Program.HELM)
class ChartTest {

    private static final String CHART =
            Repository.ROOT.resolve("deploy/helm/saiki").toString();
    private static final String EVERYTHING =
            Repository.ROOT.resolve("deploy/schemas/everything.yaml").toString();
    private static final String GPU = CHART + "/values-gpu.yaml";

    private static TestProcess.Ended helm(String... words) throws IOException, InterruptedException {
        return TestProcess.run(
                Duration.ofMinutes(1),
                Stream.concat(Stream.of(Program.HELM.path()), Stream.of(words)).toList());
    }

    private static TestProcess.Ended render(List<String> values, String... settings)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("template", "example", CHART));
        for (String file : values) {
            words.addAll(List.of("--values", file));
        }
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        return helm(words.toArray(String[]::new));
    }

    private static List<JsonNode> rendered(List<String> values, String... settings)
            throws IOException, InterruptedException {
        TestProcess.Ended ended = render(values, settings);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return Manifests.parse(ended.output());
    }

    private static List<JsonNode> rendered(String... values) throws IOException, InterruptedException {
        return rendered(List.of(values));
    }

    /// Requires that the chart with everything enabled and some settings is refused.
    private static void requireRefusal(String message, String... settings) throws IOException, InterruptedException {
        TestProcess.Ended ended = render(List.of(EVERYTHING), settings);
        assertThat(ended.exitCode()).isNotZero();
        assertThat(ended.output()).contains(message);
    }

    private static JsonNode manifest(List<JsonNode> manifests, String kind, String name) {
        return manifests.stream()
                .filter(manifest -> manifest.path("kind").stringValue().equals(kind)
                        && manifest.at("/metadata/name").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode container(List<JsonNode> manifests, String name) {
        return containers(manifests)
                .filter(container -> container.path("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// The pod templates in manifests of any kind.
    private static Stream<JsonNode> pods(List<JsonNode> manifests) {
        return manifests.stream().flatMap(manifest -> manifest.findParents("containers").stream());
    }

    private static Stream<JsonNode> containers(List<JsonNode> manifests) {
        return pods(manifests).flatMap(pod -> pod.path("containers").valueStream());
    }

    @Test
    void helmFindsNothingWrong() throws IOException, InterruptedException {
        for (String values : List.of(EVERYTHING, GPU)) {
            TestProcess.Ended ended = helm("lint", "--strict", CHART, "--values", EVERYTHING, "--values", values);
            assertThat(ended.exitCode()).as(ended.output()).isZero();
        }
    }

    @Test
    void everyPartIsThereThatIsSwitchedOn() throws IOException, InterruptedException {
        assertThat(rendered(EVERYTHING).stream()
                        .map(manifest -> manifest.path("kind").stringValue()))
                .contains(
                        "Deployment",
                        "Service",
                        "PodDisruptionBudget",
                        "HorizontalPodAutoscaler",
                        "NetworkPolicy",
                        "PodMonitor",
                        "TrainingRuntime",
                        "TrainJob");
        assertThat(rendered().stream().map(manifest -> manifest.path("kind").stringValue()))
                .contains("Deployment", "NetworkPolicy")
                .doesNotContain("TrainJob", "PodMonitor", "HorizontalPodAutoscaler");
    }

    @Test
    void noContainerMayDoMoreThanItNeeds() throws IOException, InterruptedException {
        List<JsonNode> manifests = rendered(EVERYTHING);
        assertThat(pods(manifests)).hasSize(3).allSatisfy(pod -> {
            assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
            assertThat(pod.path("automountServiceAccountToken").booleanValue(true))
                    .isFalse();
        });
        assertThat(containers(manifests)).hasSize(3).allSatisfy(container -> {
            JsonNode security = container.path("securityContext");
            assertThat(security.path("readOnlyRootFilesystem").booleanValue()).isTrue();
            assertThat(security.path("allowPrivilegeEscalation").booleanValue(true))
                    .isFalse();
            assertThat(Manifests.words(security.at("/capabilities/drop"))).containsExactly("ALL");
            assertThat(container.at("/resources/limits/memory").isMissingNode()).isFalse();
        });
    }

    @Test
    void theCommandsAreThoseOfTheProgram() throws IOException, InterruptedException {
        containers(rendered(EVERYTHING)).forEach(container -> Manifests.requireCommand(container.path("args")));
        containers(rendered()).forEach(container -> Manifests.requireCommand(container.path("args")));
        containers(rendered(EVERYTHING, GPU)).forEach(container -> Manifests.requireCommand(container.path("args")));
    }

    @Test
    void probesOfTheServerAskForPathsThatItHas() throws IOException, InterruptedException {
        String endpoints = Repository.read(
                Repository.ROOT.resolve("saiki-server/src/main/resources/dev/saiki/server/pages/openapi.json"));
        List<String> paths = containers(rendered())
                .flatMap(container -> container.findParents("httpGet").stream())
                .map(probe -> probe.at("/httpGet/path").stringValue())
                .toList();
        assertThat(paths).hasSize(3).allSatisfy(path -> assertThat(endpoints).contains("\"" + path + "\": {"));
    }

    @Test
    void aGatewayWithoutAPlanIsRefused() throws IOException, InterruptedException {
        requireRefusal("gateway.plan must be the plan of the gateway", "gateway.plan=");
    }

    @Test
    void severalGatewaysNeedPostgresql() throws IOException, InterruptedException {
        requireRefusal("gateway.replicas must be 1 unless the plan's database is PostgreSQL", "gateway.replicas=2");
        requireRefusal(
                "gateway.replicas must be 1 unless the plan's database is PostgreSQL",
                "gateway.replicas=2",
                "gateway.plan=model: assistant");
        List<JsonNode> manifests = rendered(
                List.of(EVERYTHING),
                "gateway.replicas=2",
                "gateway.dataClaim=",
                "gateway.plan=database: {url: 'jdbc:postgresql://db/rollout'}");
        assertThat(manifest(manifests, "Deployment", "example-gateway")
                        .at("/spec/replicas")
                        .intValue())
                .isEqualTo(2);
    }

    @Test
    void aDeadRankRestartsAllRanksAndWrongInputEndsTheTraining() throws IOException, InterruptedException {
        JsonNode training = manifest(
                        rendered(List.of(EVERYTHING), "training.restarts=7"), "TrainingRuntime", "example-training")
                .at("/spec/template/spec");
        assertThat(training.at("/failurePolicy/maxRestarts").intValue()).isEqualTo(7);
        assertThat(training.at("/failurePolicy/rules").valueStream())
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.path("action").stringValue()).isEqualTo("FailJobSet");
                    assertThat(Manifests.words(rule.path("onJobFailureReasons")))
                            .containsExactly("PodFailurePolicy");
                });
        JsonNode job = training.at("/replicatedJobs/0/template/spec");
        assertThat(job.path("backoffLimit").intValue(-1)).isZero();
        assertThat(job.at("/template/spec/restartPolicy").stringValue())
                .as("Kubernetes requires it with a podFailurePolicy")
                .isEqualTo("Never");
        assertThat(job.at("/podFailurePolicy/rules").valueStream())
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.path("action").stringValue()).isEqualTo("FailJob");
                    JsonNode codes = rule.path("onExitCodes");
                    assertThat(codes.path("operator").stringValue()).isEqualTo("In");
                    assertThat(codes.path("values").valueStream().map(JsonNode::intValue))
                            .containsExactly(ExitCode.WRONG_USE);
                    assertThat(codes.path("containerName")).isEqualTo(job.at("/template/spec/containers/0/name"));
                });
    }

    @Test
    void stoppingPodsHaveTimeForTheirAnswersOrTheirState() throws IOException, InterruptedException {
        List<JsonNode> manifests = rendered(
                List.of(EVERYTHING),
                "preStopSeconds=20",
                "server.drainSeconds=300",
                "gateway.drainSeconds=400",
                "training.saveSeconds=900");
        for (String name : List.of("server", "gateway")) {
            JsonNode pod = manifest(manifests, "Deployment", "example-" + name).at("/spec/template/spec");
            JsonNode container = pod.at("/containers/0");
            long preStop = container.at("/lifecycle/preStop/sleep/seconds").longValue();
            Duration drain = Manifests.drainTime(container.path("args"));
            assertThat(preStop).isEqualTo(20);
            assertThat(drain).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
            assertThat(Duration.ofSeconds(
                            pod.path("terminationGracePeriodSeconds").longValue()))
                    .isGreaterThanOrEqualTo(drain.plusSeconds(preStop).plus(Manifests.CLOSING));
        }
        assertThat(pods(manifests)
                        .map(pod -> pod.path("terminationGracePeriodSeconds").intValue()))
                .contains(900);
    }

    @Test
    void credentialsComeFromSecrets() throws IOException, InterruptedException {
        assertThat(pods(rendered(EVERYTHING))).hasSize(3).allSatisfy(pod -> {
            assertThat(pod.at("/imagePullSecrets/0/name").stringValue()).isEqualTo("registry");
            JsonNode container = pod.at("/containers/0");
            assertThat(container.path("env").valueStream())
                    .anySatisfy(variable -> assertThat(
                                    variable.at("/valueFrom/secretKeyRef/name").stringValue(""))
                            .isEqualTo("storage"));
            assertThat(container.at("/envFrom/0/secretRef/name").stringValue()).isEqualTo("credentials");
            assertThat(names(container.path("volumeMounts"))).contains("secrets");
            assertThat(names(pod.path("volumes"))).contains("secrets");
        });
        for (String part : List.of("server", "gateway", "training")) {
            requireRefusal(
                    "STORAGE_PASSWORD must come from a secret",
                    part + ".env[0].name=STORAGE_PASSWORD",
                    part + ".env[0].value=plain");
        }
    }

    private static List<String> names(JsonNode list) {
        return list.valueStream().map(each -> each.path("name").stringValue()).toList();
    }

    @Test
    void replicasShareTheLimitsOfKeysUnlessSomebodyAcceptsOtherwise() throws IOException, InterruptedException {
        assertThat(Manifests.words(container(rendered(EVERYTHING), "server").path("args")))
                .containsSequence("--shared-limits", "jdbc:postgresql://db/saiki?user=saiki");
        String alone = "server.sharedLimits=";
        String fixed = "server.autoscaling.enabled=false";
        String message = "every replica would grant a key its full limit";
        requireRefusal(message, alone);
        requireRefusal(message, alone, fixed);
        for (String settled : List.of("server.limitsPerReplica=true", "server.keysSecret=", "server.replicas=1")) {
            assertThat(Manifests.words(container(rendered(List.of(EVERYTHING), alone, fixed, settled), "server")
                            .path("args")))
                    .doesNotContain("--shared-limits");
        }
    }

    @Test
    void requestsOfAnAddressCanStayWithOneReplica() throws IOException, InterruptedException {
        assertThat(manifest(rendered(EVERYTHING), "Service", "example-server")
                        .at("/spec/sessionAffinity")
                        .stringValue())
                .isEqualTo("ClientIP");
        assertThat(manifest(rendered(), "Service", "example-server")
                        .at("/spec/sessionAffinity")
                        .stringValue())
                .isEqualTo("None");
    }

    @Test
    void onlyATrainingThatUsesAGpuReservesOne() throws IOException, InterruptedException {
        List<JsonNode> manifests = rendered(EVERYTHING, GPU);
        assertThat(containers(manifests)
                        .filter(container -> container.at("/resources/limits").has("nvidia.com/gpu")))
                .singleElement()
                .satisfies(container -> assertThat(Manifests.words(container.path("args")))
                        .containsSubsequence("train", "--set", "parallelism.device=cuda"));
        assertThat(Manifests.words(container(rendered(EVERYTHING), "node").path("args")))
                .noneMatch(word -> word.startsWith("parallelism.device"));
        requireRefusal("training.device must be cpu with several nodes", "training.device=cuda");
    }
}
