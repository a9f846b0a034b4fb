package dev.saiki.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.ErrorRateCheck;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.check.GoldenQuestion;
import dev.saiki.rollout.check.JudgeCheck;
import dev.saiki.rollout.check.LatencyCheck;
import dev.saiki.rollout.check.LatencyQuantileCheck;
import dev.saiki.rollout.check.LikelihoodCheck;
import dev.saiki.rollout.check.RemoteModel;
import dev.saiki.rollout.router.RouterWatch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayPlanReaderTest {

    private static final String SMALL = """
            model: assistant
            database: gateway.db
            baseline: {url: "http://localhost:1/v1", model: old}
            candidate: {url: "http://localhost:2/v1", model: new}
            stages: [{state: shadow, share: 1}]
            gates: [{check: errors, tolerance: 0.02}]
            """;

    private static final String KEY = "ann " + "0a".repeat(32) + " user";

    @TempDir
    private Path folder;

    private GatewayPlan read(String yaml, Map<String, String> environment) throws IOException {
        return GatewayPlanReader.read(Files.writeString(folder.resolve("plan.yaml"), yaml), environment);
    }

    private String mistakes(String yaml) {
        return String.valueOf(catchThrowableOfType(InputException.class, () -> read(yaml, Map.of()))
                .getMessage());
    }

    @Test
    void theExampleIsRead() {
        GatewayPlan plan = GatewayPlanReader.read(Path.of("..", "examples", "rollout", "plan.yaml"), Map.of());
        assertThat(plan.stages().getLast().state()).isEqualTo(RolloutState.RETIRED);
        assertThat(plan.gates().stream().map(RolloutGate::name)).contains("known-answers");
    }

    @Test
    void thePlanOfTheDocumentIsRead() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "rollout.md"));
        Matcher block = Pattern.compile("(?s)```yaml\n(model:.*?)```").matcher(page);
        assertThat(block.find()).isTrue();
        GatewayPlan plan = read(block.group(1), Map.of());
        assertThat(plan.stages())
                .extracting(Stage::state)
                .containsExactly(
                        RolloutState.SHADOW,
                        RolloutState.CANARY,
                        RolloutState.CANARY,
                        RolloutState.CERTIFIED,
                        RolloutState.FULL,
                        RolloutState.RETIRED);
        assertThat(plan.evidence().router()).contains(new RouterWatch(Duration.ofSeconds(10), 0.25, 1000));
        assertThat(plan.gates().get(1).check()).isEqualTo(new LatencyCheck(Duration.ofSeconds(2), false));
        assertThat(plan.fields().certified())
                .hasEntrySatisfying(
                        "effort", effort -> assertThat(effort.doubleValue()).isEqualTo(0.6));
        assertThat(plan.database()).isEqualTo(new DatabaseLocation.SqliteFile(folder.resolve("gateway.db")));
    }

    @Test
    void slicesHaveAPromptOrHeadersAndATolerance() throws IOException {
        List<PlannedSlice> slices = read(
                        SMALL
                                + "evidence: {slices: [{name: billing, prompt: \"(?i)invoice\", tolerance: 0.1},"
                                + " {name: beta, header: {X-Team: beta}}]}\n",
                        Map.of())
                .evidence()
                .slices();
        assertThat(slices).extracting(PlannedSlice::name).containsExactly("billing", "beta");
        assertThat(slices.getFirst().tolerance()).hasValue(0.1);
        assertThat(slices.getLast().headers()).containsEntry("X-Team", "beta");
        assertThat(mistakes(SMALL + "evidence: {slices: [{name: billing, prompt: \"(\"}]}\n"))
                .contains("evidence.slices[0].prompt must be a regular expression, got (");
        assertThat(mistakes(SMALL
                        + "evidence: {slices: [{name: a, prompt: b, tolerance: 1}, {name: a=b, header: {c: d}}]}\n"))
                .contains("tolerance must be above 0, below 1, got 1.0", "name must be 1 to 40 letters");
    }

    @Test
    void keysComeFromTheEnvironmentOrFromFiles() throws IOException {
        Files.writeString(folder.resolve("new.key"), "secret\n");
        GatewayPlan plan = read(
                SMALL.replace("model: old}", "model: old, key: {environment: OLD_KEY}}")
                        .replace("model: new}", "model: new, key: {file: new.key}}"),
                Map.of("OLD_KEY", "older"));
        assertThat(plan.baseline().key()).contains("older");
        assertThat(plan.candidate().key()).contains("secret");
    }

    @Test
    void aDatabaseOfPostgresHasItsPasswordElsewhere() throws IOException {
        String url = "jdbc:postgresql://db/rollout";
        assertThat(read(SMALL.replace("gateway.db", url), Map.of()).database())
                .isEqualTo(new DatabaseLocation.Postgres(url, Optional.empty(), Optional.empty()));
        assertThat(read(
                                SMALL.replace(
                                        "gateway.db",
                                        "{url: \"" + url + "\", user: {environment: DB_USER}, password: {environment:"
                                                + " DB_PASSWORD}}"),
                                Map.of("DB_USER", "saiki", "DB_PASSWORD", "hunter2"))
                        .database())
                .isEqualTo(new DatabaseLocation.Postgres(url, Optional.of("saiki"), Optional.of("hunter2")))
                .hasToString(url);
        assertThat(mistakes(SMALL.replace("gateway.db", "\"" + url + "?password=hunter2\"")))
                .contains("must not contain user or password")
                .doesNotContain("hunter2");
        assertThat(mistakes(SMALL.replace("gateway.db", "\"jdbc:mysql://db/rollout\"")))
                .contains("must begin with jdbc:postgresql:");
        assertThat(mistakes(SMALL.replace("gateway.db", "{user: {environment: DB_USER}}")))
                .contains("database.url must be such as jdbc:postgresql:");
    }

    @Test
    void fallbackHasRulesOfItsOwn() throws IOException {
        assertThat(read(SMALL, Map.of()).fallback()).isEqualTo(FallbackRules.DEFAULT);
        assertThat(read(SMALL + "fallback: {failures: 3, ejection: 30s, share: 0.2}\n", Map.of())
                        .fallback())
                .isEqualTo(new FallbackRules(3, Duration.ofSeconds(30), 0.2));
        assertThat(mistakes(SMALL + "fallback: {failures: 0}\n")).contains("failures", "at least 1", "0");
        assertThat(mistakes(SMALL + "fallback: {ejection: 0s}\n")).contains("ejection", "positive");
        assertThat(mistakes(SMALL + "fallback: {share: 2}\n")).contains("share", "from 0 to 1", "2");
    }

    @Test
    void figuresHaveALimitOrTheBaseline() throws IOException {
        String figures = "[{check: error_rate, above_baseline: 0.01}, {check: latency_quantile, quantile: 0.9,"
                + " of: answer, limit: 1500ms}]";
        GatewayPlan plan = read(SMALL.replace("[{check: errors, tolerance: 0.02}]", figures), Map.of());
        assertThat(plan.gates())
                .extracting(RolloutGate::check)
                .containsExactly(
                        new ErrorRateCheck(0.01, true),
                        new LatencyQuantileCheck(0.9, true, 1.5, false),
                        new DepartureCheck());
        assertThat(plan.fingerprints().get(GatewayPlan.RULES))
                .isNotEqualTo(read(
                                SMALL.replace("[{check: errors, tolerance: 0.02}]", figures.replace("1500", "1600")),
                                Map.of())
                        .fingerprints()
                        .get(GatewayPlan.RULES));
        assertThat(mistakes(SMALL.replace("check: errors", "check: error_rate")))
                .contains("either gates[0].limit or gates[0].above_baseline must be given, got none");
        assertThat(mistakes(SMALL.replace("check: errors", "check: error_rate, limit: 1.5")))
                .contains("limit must be above 0, below 1, got 1.5");
    }

    @Test
    void allMistakesAreToldAtOnce() {
        String mistakes = mistakes(SMALL.replace("model: old}", "modle: old, answer: soon}")
                .replace("share: 1", "share: 7")
                .replace("check: errors", "check: error"));
        assertThat(mistakes)
                .contains("baseline.model must be the name of the model at that address, got nothing")
                .contains("unknown key baseline.modle")
                .contains("baseline.answer must be a time such as 500ms")
                .contains("share must be above 0, at most 1, got 7.0")
                .contains("check must be one of errors, departures, latency");
    }

    @Test
    void aPlanWithoutAGateThatRetreatsIsRefused() {
        assertThat(mistakes(SMALL.replace("check: errors", "check: errors, retreats: false")))
                .contains("gates must have at least one that retreats");
    }

    @Test
    void settingsThatCanNeverPromoteAreRefused() {
        assertThat(mistakes(SMALL.replace(", tolerance: 0.02", "")))
                .contains("gate errors: tolerance must be above 0, got 0.0", "promotes: false");
        assertThat(mistakes(SMALL.replace("check: errors, tolerance: 0.02", "check: error_rate, above_baseline: 0")))
                .contains("gate error_rate: tolerance must be above 0");
        assertThat(mistakes(SMALL.replace("[{state: shadow, share: 1}]", "[{state: full}, {state: retired}]")
                        .replace("{check: errors", "{check: feedback, tolerance: 0.1}, {check: errors")))
                .contains("check: feedback can never allow the end of the stage full", "promotes: false");
    }

    @Test
    void aPairHasTimeForBothAnswers() {
        assertThat(mistakes(SMALL + "evidence: {time: 30s}\n"))
                .contains("evidence.time must be at least 120s, the longest time that both sides may take", "got 30s");
        assertThat(mistakes(SMALL.replace("model: new}", "model: new, answer: 5m}")))
                .contains("evidence.time must be at least 360s", "got 120s");
    }

    @Test
    void clientsThatLeaveAreAGateUnlessThePlanHasOne() throws IOException {
        assertThat(read(SMALL, Map.of()).gates().getLast())
                .isEqualTo(new RolloutGate("departures", new DepartureCheck(), 0.1, true, true));
        assertThat(gate("check: departures, name: leave", Map.of()).gates())
                .extracting(RolloutGate::name)
                .containsExactly("errors", "leave");
    }

    @Test
    void stagesGoForward() {
        assertThat(mistakes(SMALL.replace("[{state: shadow", "[{state: full}, {state: shadow")))
                .contains("stages[1]: state must be full or a later state");
    }

    @Test
    void aVariableThatIsNotSetIsNamed() {
        assertThat(mistakes(SMALL.replace("model: old}", "model: old, key: {environment: OLD_KEY}}")))
                .contains("got OLD_KEY, which is not set");
    }

    @Test
    void rightsNeedKeys() {
        assertThat(mistakes(SMALL + "access: {may_promote: [ann]}\n")).contains("access.keys must name a key");
    }

    @Test
    void aGatewayForOthersHasKeysOrIsOpenOnPurpose() throws IOException {
        String open = SMALL + "listen: {host: 0.0.0.0}\n";
        assertThat(mistakes(open)).contains("listen.host 0.0.0.0", "access.keys", "access.open: true");
        assertThat(read(open + "access: {open: true}\n", Map.of()).access().keys())
                .isEmpty();
        Files.writeString(folder.resolve("keys"), KEY + "\n");
        assertThat(read(open + "access: {keys: keys}\n", Map.of()).access().keys())
                .isPresent();
    }

    @Test
    void keysWithLimitsAreRefusedSinceNobodyWouldKeepThem() throws IOException {
        Files.writeString(folder.resolve("keys"), KEY + " requests=60\nbob" + KEY.substring(3) + "\n");
        assertThat(mistakes(SMALL + "access: {keys: keys}\n"))
                .contains("access.keys must name keys without limits", "got limits of ann in ")
                .doesNotContain("bob");
    }

    @Test
    void routesAreAddedToThoseOfEveryPlan() throws IOException {
        assertThat(read(SMALL + "access: {routes: [POST /v1/moderations, 'GET /v1/files/*']}\n", Map.of())
                        .access()
                        .routes())
                .containsAll(ForwardedRoute.DEFAULTS)
                .contains(
                        new ForwardedRoute("POST", "/v1/moderations", false),
                        new ForwardedRoute("GET", "/v1/files/", true));
        for (String wrong : List.of("/v1/files", "get /v1/files", "GET /admin/reload", "GET /v1/../admin", "GET *")) {
            assertThat(mistakes(SMALL + "access: {routes: ['" + wrong + "']}\n"))
                    .contains("routes must be methods and paths such as", "got " + wrong);
        }
    }

    @Test
    void memoryIsBoundedInTotal() throws IOException {
        TrafficLimits limits =
                read(SMALL + "limits: {body_bytes: 200000000}\n", Map.of()).limits();
        assertThat(limits.requestBytes()).isGreaterThanOrEqualTo(limits.bodyBytes());
        assertThat(limits.mirroredBytes())
                .isBetween(3L << 24, Math.max(3L << 24, Runtime.getRuntime().maxMemory() / 8));
        assertThat(mistakes(SMALL + "limits: {body_bytes: 5000, request_bytes: 4000}\n"))
                .contains("request_bytes must be at least body_bytes, which is 5000, got 4000");
    }

    @Test
    void pairsAreKeptForATimeAndNotWithoutBound() throws IOException {
        assertThat(read(SMALL, Map.of()).access().retention())
                .isEqualTo(new PairRetention(Duration.ofDays(90), 1_000_000));
        assertThat(read(SMALL + "access: {keep_pairs: 30d, most_pairs: 5000}\n", Map.of())
                        .access()
                        .retention())
                .isEqualTo(new PairRetention(Duration.ofDays(30), 5000));
        assertThat(mistakes(SMALL + "access: {keep_pairs: 0s}\n")).contains("keep_pairs must be a time above 0");
        assertThat(mistakes(SMALL + "access: {most_pairs: 10}\n")).contains("most_pairs must be at least 1000, got 10");
    }

    private GatewayPlan gate(String gate, Map<String, String> environment) throws IOException {
        return read(
                SMALL.replace(
                        "{check: errors, tolerance: 0.02}",
                        "{check: errors, tolerance: 0.02}, {tolerance: 0.1, " + gate + "}"),
                environment);
    }

    @Test
    void aJudgeHasAKeyOfItsOwn() throws IOException {
        GatewayPlan plan = gate(
                "check: judge, url: 'http://localhost:3/v1', model: big, key: {environment: JUDGE_KEY},"
                        + " instructions: Be strict., timeout: 5s",
                Map.of("JUDGE_KEY", "secret"));
        assertThat(plan.gates().get(1).check())
                .isEqualTo(new JudgeCheck(
                        new RemoteModel(
                                URI.create("http://localhost:3/v1"),
                                "big",
                                Optional.of("secret"),
                                Map.of(),
                                Duration.ofSeconds(5)),
                        "Be strict."));
    }

    @Test
    void likelihoodAsksBothModels() throws IOException {
        LikelihoodCheck check = (LikelihoodCheck)
                gate("check: likelihood", Map.of()).gates().get(1).check();
        assertThat(check.baseline().url()).isEqualTo(URI.create("http://localhost:1/v1"));
        assertThat(check.candidate().model()).isEqualTo("new");
    }

    @Test
    void aGoldenSetIsReadFromItsFile() throws IOException {
        Files.writeString(folder.resolve("golden.jsonl"), """
                {"prompt": "2 + 2 =", "pattern": "\\\\b4\\\\b"}

                {"messages": [{"role": "user", "content": "Capital of France?"}], "answer": "Paris"}
                """);
        GoldenCheck check =
                (GoldenCheck) gate("check: golden, file: golden.jsonl, every: 10s, fields: {temperature: 0}", Map.of())
                        .gates()
                        .get(1)
                        .check();
        assertThat(check.every()).isEqualTo(Duration.ofSeconds(10));
        assertThat(check.questions()).extracting(GoldenQuestion::line).containsExactly(1, 3);
        assertThat(check.questions())
                .extracting(GoldenQuestion::path)
                .containsExactly("/v1/completions", "/v1/chat/completions");
        assertThat(check.questions().getFirst().request().path("temperature").intValue())
                .isZero();
    }

    @Test
    void aLineOfAGoldenSetThatIsWrongIsNamed() throws IOException {
        Files.writeString(folder.resolve("golden.jsonl"), "{\"prompt\": \"a\", \"patern\": \"b\"}\n");
        assertThat(String.valueOf(catchThrowableOfType(
                                InputException.class, () -> gate("check: golden, file: golden.jsonl", Map.of()))
                        .getMessage()))
                .contains("golden.jsonl line 1", "prompt or messages, and pattern or answer", "got patern");
    }

    @Test
    void whatACheckLacksIsNamed() {
        assertThat(mistakes(SMALL.replace("check: errors", "check: judge, url: 'http://localhost:3/v1'")))
                .contains("model must be the name of the model at that address, got nothing");
        assertThat(mistakes(SMALL.replace("check: errors", "check: golden")))
                .contains("file must be a file of questions");
    }
}
