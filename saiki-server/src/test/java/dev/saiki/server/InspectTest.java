package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.engine.Engine;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class InspectTest {

    private static final String PATH = "/inspect";
    private static final String TEXT = "the whale and the captain, the sea é";
    private static final int[] IDS = TestServer.TOKENIZER.encode(TEXT);

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode inspect(String fields) {
        return server.post(PATH, "{\"model\":\"tiny\"," + fields + "}").succeeds();
    }

    private static JsonNode inspectText() {
        return inspect("\"prompt\":\"" + TEXT + "\"");
    }

    private static int[] depths(JsonNode body) {
        return body.get("tokens").values().stream()
                .mapToInt(token -> token.get("depth").intValue())
                .toArray();
    }

    @Test
    void everyTokenSaysWhatAScoreOfTheTextSays() {
        TokenScores scores = server.engine()
                .score(ScoreRequest.builder(IDS, RouteSettings.MODEL)
                        .alternatives(3)
                        .build())
                .join();
        JsonNode body = inspectText();
        assertThat(body.get("tokens")).hasSize(IDS.length);
        for (int i = 0; i < IDS.length; i++) {
            JsonNode token = body.get("tokens").get(i);
            assertThat(token.get("position").intValue()).isEqualTo(i);
            assertThat(token.get("id").intValue()).isEqualTo(IDS[i]);
            assertThat(token.get("depth").intValue()).isEqualTo(scores.depths()[i]);
            if (i > 0) {
                assertThat(token.get("logprob").doubleValue()).isEqualTo(scores.logprobs()[i]);
                JsonNode said = body.get("tokens").get(i - 1).get("predictions");
                JsonNode last = said.get(said.size() - 1);
                assertThat(last.get("next_logprob").doubleValue()).isEqualTo(scores.logprobs()[i]);
                assertThat(last.get("likeliest").get(0).get("id").intValue())
                        .isEqualTo(scores.alternatives().get(i).getFirst().id());
            }
        }
        assertThat(body.get("tokens").get(0).get("logprob").isNull()).isTrue();
        StringBuilder text = new StringBuilder();
        body.get("tokens").forEach(token -> text.append(token.get("text").stringValue()));
        assertThat(text).hasToString(TEXT);
    }

    @Test
    void aRouterThatWasTaughtByGainSaysWhatItExpects() throws IOException {
        assertThat(inspectText().at("/tokens/0/decisions/0").has("expected_gain"))
                .isFalse();
        Manifest taught =
                Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, Map.of(Manifest.LOGITS_ARE_GAINS, 1.0));
        Engine engine = Engine.open(
                RandomCheckpoint.write(
                        folder.resolve("taught"), TestServer.config(), 5, taught, UnaryOperator.identity()),
                TestServer.TOKENIZER,
                EngineOptions.builder().threads(1).build());
        try (TestServer other = TestServer.of(engine, options -> options)) {
            JsonNode body = other.post(PATH, "{\"model\":\"tiny\",\"prompt\":\"" + TEXT + "\"}")
                    .succeeds();
            JsonNode decision = body.at("/tokens/0/decisions/0");
            double gain = decision.get("expected_gain").doubleValue();
            assertThat(1 / (1 + Math.exp(-gain)))
                    .isCloseTo(decision.get("score").doubleValue(), within(1e-6));
            assertThat(gain).isNotZero();
        }
    }

    @Test
    void eachRecursionSpeaksAndTheRouterSaysWhy() {
        List<InspectedToken> seen =
                server.engine().inspect(IDS, 5, RouteSettings.MODEL).join();
        JsonNode body = inspect("\"prompt\":\"" + TEXT + "\",\"top_logprobs\":5");
        assertThat(body.get("routing").stringValue()).isEqualTo("expert_threshold");
        assertThat(body.get("num_recursions").intValue()).isEqualTo(3);
        for (InspectedToken token : seen) {
            JsonNode entry = body.get("tokens").get(token.position());
            assertThat(entry.get("decisions")).hasSize(token.decisions().size());
            for (int i = 0; i < token.decisions().size(); i++) {
                JsonNode decision = entry.get("decisions").get(i);
                assertThat(decision.get("step").intValue()).isEqualTo(i + 1);
                assertThat(decision.get("score").doubleValue())
                        .isEqualTo(token.decisions().get(i).score());
                assertThat(decision.get("threshold").doubleValue())
                        .isEqualTo(token.decisions().get(i).threshold());
                assertThat(decision.get("goes_on").booleanValue()).isEqualTo(i + 1 < token.depth());
            }
            assertThat(entry.get("predictions")).hasSize(token.depth());
            for (int i = 0; i < token.depth(); i++) {
                JsonNode prediction = entry.get("predictions").get(i);
                assertThat(prediction.get("depth").intValue()).isEqualTo(i + 1);
                assertThat(prediction.get("likeliest")).hasSize(5);
                assertThat(prediction.get("likeliest").get(4).get("logprob").doubleValue())
                        .isEqualTo(token.predictions().get(i).likeliest().get(4).logprob());
            }
        }
        assertThat(depths(body)).contains(1).containsAnyOf(2, 3);
    }

    @Test
    void costsAreThoseOfReadingTheTextAndAddUp() {
        JsonNode body = inspectText();
        int[] depths = depths(body);
        SequenceCost cost = SequenceCost.of(TestServer.config(), depths, Integer.MAX_VALUE, depths.length);
        JsonNode totals = body.get("totals");
        assertThat(totals.get("flops").longValue()).isEqualTo(cost.flops());
        assertThat(totals.get("cache_bytes").longValue()).isEqualTo(cost.cacheBytes(TestServer.config(), 4));
        for (String what : List.of("flops", "cache_bytes")) {
            long sum = body.get("tokens").values().stream()
                    .mapToLong(token -> token.get("cost").get(what).longValue())
                    .sum();
            assertThat(totals.get(what).longValue()).isEqualTo(sum);
            assertThat(totals.get(what + "_saved").longValue()).isPositive();
        }
        assertThat(totals.get("mean_depth").doubleValue())
                .isEqualTo(Arrays.stream(depths).average().orElseThrow());
        assertThat(totals.get("histogram").values().stream()
                        .mapToInt(JsonNode::intValue)
                        .sum())
                .isEqualTo(depths.length);
        // With every token at full depth, nothing is saved.
        JsonNode full = inspect("\"prompt\":\"" + TEXT + "\",\"min_depth\":3").get("totals");
        assertThat(full.get("flops_saved").longValue()).isZero();
        assertThat(full.get("cache_bytes_saved").longValue()).isZero();
    }

    @Test
    void aForcedDepthIsTakenAndItsConsequencesAreToldBesideIt() {
        JsonNode free = inspectText();
        int position = 4;
        int routedDepth = depths(free)[position];
        int depth = routedDepth == 1 ? 3 : 1;
        List<InspectedToken> expected = server.engine()
                .inspect(
                        IDS,
                        3,
                        RouteSettings.builder()
                                .forced(new PositionDepths(Map.of(position, depth)))
                                .build())
                .join();
        JsonNode body = inspect("\"prompt\":\"" + TEXT + "\",\"depths\":{\"" + position + "\":" + depth + "}");
        double sum = 0;
        for (InspectedToken token : expected) {
            JsonNode entry = body.get("tokens").get(token.position());
            JsonNode before = free.get("tokens").get(token.position());
            assertThat(entry.get("depth").intValue()).isEqualTo(token.depth());
            assertThat(entry.get("routed_depth")).isEqualTo(before.get("depth"));
            if (token.position() > 0) {
                assertThat(entry.get("logprob").doubleValue()).isEqualTo(token.logprob());
                double change = token.logprob() - before.get("logprob").doubleValue();
                assertThat(entry.get("logprob_change").doubleValue()).isEqualTo(change);
                assertThat(change == 0).isEqualTo(token.position() <= position);
                sum += change;
            }
        }
        assertThat(body.get("tokens").get(position).get("depth").intValue()).isEqualTo(depth);
        assertThat(body.get("totals").get("logprob_change").doubleValue()).isEqualTo(sum);
        assertThat(body.get("routed_totals")).isEqualTo(free.get("totals"));
        assertThat(body.get("totals").get("flops"))
                .isNotEqualTo(free.get("totals").get("flops"));
    }

    @Test
    void aTextIsContinuedAsACompletionContinuesIt() {
        String fields = "\"prompt\":\"the whale\",\"max_tokens\":9,\"temperature\":0";
        JsonNode written = server.post("/v1/completions", "{" + fields + ",\"logprobs\":0}")
                .succeeds()
                .get("choices")
                .get(0);
        JsonNode body = inspect(fields);
        int prompt = body.get("prompt_tokens").intValue();
        StringBuilder text = new StringBuilder();
        for (JsonNode token : body.get("tokens")) {
            assertThat(token.get("written").booleanValue())
                    .isEqualTo(token.get("position").intValue() >= prompt);
            if (token.get("written").booleanValue()) {
                text.append(token.get("token").stringValue());
            }
        }
        StringBuilder expected = new StringBuilder();
        written.get("logprobs").get("tokens").forEach(token -> expected.append(token.stringValue()));
        assertThat(text).hasToString(expected.toString()).isNotEmpty();
    }

    @Test
    void tokenIdsAreAsGoodAsText() {
        assertThat(inspect("\"prompt\":" + Arrays.toString(IDS))).isEqualTo(inspectText());
    }

    @Test
    void whatIsWrongIsRefusedByName() {
        server.post(PATH, "{}").isRefused("prompt", "prompt must be a text or a list of token ids, got none");
        server.post(PATH, "{\"prompt\":[]}").isRefused("prompt", "must be a string");
        server.post(PATH, "{\"prompt\":[\"a\",\"b\"]}").isRefused("prompt", "token ids");
        server.post(PATH, "{\"prompt\":[99999]}").isRefused("prompt", "token ids from 0");
        server.post(PATH, "{\"prompt\":\"a\",\"top_logprobs\":21}").isRefused("top_logprobs", "from 0 to 20");
        server.post(PATH, "{\"prompt\":\"a\",\"depths\":{\"1\":1}}").isRefused("depths", "from 0 to 0", "got 1");
        server.post(PATH, "{\"prompt\":\"a\",\"depths\":{\"-1\":1}}").isRefused("depths", "got -1");
        server.post(PATH, "{\"prompt\":\"a\",\"depths\":{\"0\":0}}").isRefused("depths", "from 1 to 3", "got 0");
        server.post(PATH, "{\"prompt\":\"a\",\"depths\":{\"0\":4}}").isRefused("depths", "from 1 to 3", "got 4");
        server.post(PATH, "{\"prompt\":\"a\",\"depths\":{\"0\":\"1\"}}").isRefused("depths", "from 1 to 3");
        server.post(PATH, "{\"prompt\":\"a\",\"effort\":0.001}")
                .isRefused("effort", "effort must be 0, which is one pass, or from 0.25");
        server.post(PATH, "{\"prompt\":\"a\",\"model\":\"other\"}").isError(404, "invalid_request_error", "other");
        server.post(PATH, "{\"prompt\":\"a\",\"stream\":true}").isRefused("stream", "sent whole");
        server.post(PATH, "{\"prompt\":\"a\",\"n\":2}").isRefused("stream", "n must be 1");
        server.get(PATH).isError(405, "invalid_request_error", "POST");
    }

    @Test
    void textsThatAreTooLongAreRefusedBeforeAnythingIsComputed() {
        String longer = "x".repeat(TestServer.CONTEXT + 1);
        server.post(PATH, "{\"prompt\":\"" + longer + "\"}").isRefused("prompt", "context");
    }

    @Test
    void theAuditCountsTheTextAsOftenAsItWasRead(@TempDir Path other) {
        AuditOptions audit =
                AuditOptions.of(AuditLocation.parse(other.resolve("audit.db").toString()));
        try (TestServer audited =
                TestServer.in(other, EngineOptions.builder().threads(1).build(), options -> options.audit(audit))) {
            JsonNode body = audited.post(PATH, "{\"prompt\":\"" + TEXT + "\",\"depths\":{\"2\":3}}")
                    .succeeds();
            TestServer.await(
                    () -> audited.get("/v1/audit").succeeds().get("data").size() == 1);
            JsonNode record = audited.get("/v1/audit").succeeds().get("data").get(0);
            assertThat(record.get("path").stringValue()).isEqualTo(PATH);
            JsonNode spending = record.get("spending");
            assertThat(spending.get("prompt_tokens").intValue()).isEqualTo(2 * IDS.length);
            assertThat(spending.get("completion_tokens").intValue()).isZero();
            assertThat(spending.get("flops").longValue())
                    .isEqualTo(body.at("/totals/flops").longValue()
                            + body.at("/routed_totals/flops").longValue());
            for (int depth = 0; depth < 3; depth++) {
                assertThat(spending.get("tokens_at_depth").get(depth).intValue())
                        .isEqualTo(body.at("/totals/histogram/" + depth).intValue()
                                + body.at("/routed_totals/histogram/" + depth).intValue());
            }
        }
    }

    @Test
    void noTextIsLongerThanAnInspectionMayBe(@TempDir Path other) {
        try (TestServer large =
                TestServer.in(other, 1024, EngineOptions.builder().threads(1).build(), options -> options)) {
            large.post(PATH, "{\"prompt\":\"" + "x".repeat(513) + "\"}").isRefused("prompt", "at most 512", "got 513");
            large.post(PATH, "{\"prompt\":\"" + "x".repeat(500) + "\",\"max_tokens\":13}")
                    .isRefused("prompt", "at most 512", "got 513");
            assertThat(large.post(PATH, "{\"prompt\":\"" + "x".repeat(512) + "\"}")
                            .succeeds()
                            .get("tokens"))
                    .hasSize(512);
        }
    }
}
