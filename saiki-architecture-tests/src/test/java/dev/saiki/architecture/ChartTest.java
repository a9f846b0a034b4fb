package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

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

    private static TestProcess.Ended helm(String... words) throws IOException, InterruptedException {
        return TestProcess.run(
                Duration.ofMinutes(1),
                Stream.concat(Stream.of(Program.HELM.path()), Stream.of(words)).toList());
    }

    private static List<JsonNode> rendered(String... values) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("template", "example", CHART));
        for (String file : values) {
            words.add("--values");
            words.add(file);
        }
        TestProcess.Ended ended = helm(words.toArray(String[]::new));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return Manifests.parse(ended.output());
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
        for (String values : List.of("values.yaml", "values-gpu.yaml")) {
            TestProcess.Ended ended =
                    helm("lint", "--strict", CHART, "--values", EVERYTHING, "--values", CHART + "/" + values);
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
        TestProcess.Ended ended = helm("template", "example", CHART, "--set", "gateway.enabled=true");
        assertThat(ended.exitCode()).isNotZero();
        assertThat(ended.output()).contains("gateway.plan must be the plan of the gateway");
    }
}
