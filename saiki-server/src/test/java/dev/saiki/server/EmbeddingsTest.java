package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.engine.TextEmbedding;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.server.settings.SheddingOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class EmbeddingsTest {

    private static final String PATH = "/v1/embeddings";
    private static final String TEXT = "the whale and the sea";
    private static final int[] IDS = TestServer.TOKENIZER.encode(TEXT);
    private static final int HIDDEN = TestServer.config().hiddenSize();

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

    private static JsonNode embed(String fields) {
        return server.post(PATH, "{\"model\":\"tiny\"," + fields + "}").succeeds();
    }

    private static float[] vector(JsonNode body, int index) {
        JsonNode numbers = body.get("data").get(index).get("embedding");
        float[] vector = new float[numbers.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = numbers.get(i).floatValue();
        }
        return vector;
    }

    @Test
    void aTextBecomesTheEnginesVector() {
        JsonNode body = embed("\"input\":\"" + TEXT + "\",\"user\":\"somebody\"");
        TextEmbedding expected = server.engine().embed(IDS, RouteSettings.MODEL).join();
        assertThat(body.propertyNames()).containsExactly("object", "data", "model", "usage");
        assertThat(body.get("object").stringValue()).isEqualTo("list");
        assertThat(body.get("model").stringValue()).isEqualTo("tiny");
        JsonNode item = body.get("data").get(0);
        assertThat(item.get("object").stringValue()).isEqualTo("embedding");
        assertThat(item.get("index").intValue()).isZero();
        assertThat(vector(body, 0)).hasSize(HIDDEN).isEqualTo(expected.vector());
    }

    @Test
    void usageSaysTokensAndDepthAndNothingWasPredicted() {
        JsonNode usage = embed("\"input\":[\"" + TEXT + "\",\"" + TEXT + "\"]").get("usage");
        assertThat(usage.get("prompt_tokens").intValue()).isEqualTo(2 * IDS.length);
        assertThat(usage.get("total_tokens").intValue()).isEqualTo(2 * IDS.length);
        assertThat(usage.get("completion_tokens").intValue()).isZero();
        int[] depths = server.engine().embed(IDS, RouteSettings.MODEL).join().depths();
        SequenceCost cost = SequenceCost.of(TestServer.config(), depths, Integer.MAX_VALUE, 0);
        assertThat(usage.get("recursions").get("flops").longValue()).isEqualTo(2 * cost.flops());
        assertThat(usage.get("recursions").get("sum").intValue())
                .isEqualTo(2 * IntStream.of(depths).sum());
    }

    @Test
    void inputsMayBeTextsIdsAndListsOfThese() {
        String ids = IntStream.of(IDS).mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]"));
        float[] expected = vector(embed("\"input\":\"" + TEXT + "\""), 0);
        assertThat(vector(embed("\"input\":" + ids), 0)).isEqualTo(expected);
        JsonNode several = embed("\"input\":[" + ids + ",\"the\"," + ids + "]");
        assertThat(several.get("data")).hasSize(3);
        assertThat(vector(several, 0)).isEqualTo(expected);
        assertThat(vector(several, 1)).isNotEqualTo(expected);
        assertThat(vector(several, 2)).isEqualTo(expected);
        assertThat(several.get("data").get(2).get("index").intValue()).isEqualTo(2);
    }

    @Test
    void base64HasTheSameNumbersInFourBytesEach() {
        String text = embed("\"input\":\"" + TEXT + "\",\"encoding_format\":\"base64\"")
                .get("data")
                .get(0)
                .get("embedding")
                .stringValue();
        float[] numbers = new float[HIDDEN];
        ByteBuffer.wrap(Base64.getDecoder().decode(text))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(numbers);
        assertThat(numbers).isEqualTo(vector(embed("\"input\":\"" + TEXT + "\",\"encoding_format\":\"float\""), 0));
    }

    @Test
    void fewerDimensionsAreTheFirstOnesOfLengthOne() {
        float[] whole = vector(embed("\"input\":\"" + TEXT + "\""), 0);
        float[] first = vector(embed("\"input\":\"" + TEXT + "\",\"dimensions\":5"), 0);
        assertThat(first).hasSize(5);
        double squares = 0;
        for (int i = 0; i < 5; i++) {
            squares += (double) first[i] * first[i];
            assertThat((double) first[i] / first[0]).isCloseTo((double) whole[i] / whole[0], within(1e-4));
        }
        assertThat(squares).isCloseTo(1, within(1e-5));
    }

    @Test
    void depthIsChosenAsInCompletions() {
        float[] routed = vector(embed("\"input\":\"" + TEXT + "\""), 0);
        JsonNode shallow = embed("\"input\":\"" + TEXT + "\",\"max_depth\":1");
        assertThat(vector(shallow, 0)).isNotEqualTo(routed);
        assertThat(shallow.get("usage").get("recursions").get("mean").doubleValue())
                .isEqualTo(1);
        JsonNode full = embed("\"input\":\"" + TEXT + "\",\"effort\":1.0,\"min_depth\":3");
        assertThat(full.get("usage").get("recursions").get("mean").doubleValue())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                          | input           | is required
            {"input":null}                              | input           | is required
            {"input":[]}                                | input           | not be empty
            {"input":""}                                | input           | an empty text
            {"input":["a",""]}                          | input           | an empty text
            {"input":7}                                 | input           | an array
            {"input":[true]}                            | input           | token ids
            {"input":["a",[]]}                          | input           | token ids
            {"input":[[1],[99999]]}                     | input           | from 0 to
            {"input":[-1]}                              | input           | from 0 to
            {"input":"a","encoding_format":"int8"}      | encoding_format | float or base64, got int8
            {"input":"a","encoding_format":7}           | encoding_format | a string
            {"input":"a","dimensions":0}                | dimensions      | from 1 to
            {"input":"a","dimensions":100000}           | dimensions      | from 1 to
            {"input":"a","dimensions":"all"}            | dimensions      | an integer
            {"input":"a","user":[]}                     | user            | a string
            {"input":"a","effort":7}                    | effort          | must be 0, which is one pass, or from 0.25
            {"input":"a","min_depth":0}                 | min_depth       | from 1 to 3
            {"input":"a","truncate_prompt_tokens":5}    | truncate_prompt_tokens | not supported
            """)
    void whatIsWrongIsNamed(String body, String param, String fragment) {
        server.post(PATH, body).isRefused(param, fragment);
    }

    @Test
    void aTextLongerThanTheContextIsRefusedWithBothNumbers() {
        TestServer.Answer answer = server.post(PATH, "{\"input\":[\"a\",\"" + "q".repeat(300) + "\"]}");
        answer.isRefused("input", "256", "300");
        assertThat(answer.json().get("error").get("code").stringValue()).isEqualTo("context_length_exceeded");
        server.post(PATH, "{\"input\":[" + "\"a\",".repeat(2048) + "\"a\"]}").isRefused("input", "2048", "2049");
        server.post(PATH, "{\"model\":\"gpt-9\",\"input\":\"a\"}").isError(404, "invalid_request_error", "gpt-9");
    }

    @Test
    void aListLongerThanTheQueueIsWorkedOffBesideOthers(@TempDir Path other) {
        String input = IntStream.range(0, 300)
                .mapToObj(i -> "\"text " + i + "\"")
                .collect(Collectors.joining(",", "{\"input\":[", "]}"));
        try (TestServer small = TestServer.in(
                other,
                EngineOptions.builder().threads(1).maxSequences(2).maxWaiting(4).build(),
                options -> options)) {
            JsonNode body = small.post(PATH, input).succeeds();
            assertThat(body.get("data")).hasSize(300);
            assertThat(vector(body, 299))
                    .isEqualTo(
                            vector(small.post(PATH, "{\"input\":\"text 299\"}").succeeds(), 0));
        }
    }

    @Test
    void aListThatTakesTooLongIsGivenUpAndItsWorkEnds(@TempDir Path other) {
        String input = "{\"input\":[\"" + "q".repeat(200) + "\",\"b\"]}";
        try (TestServer hasty = TestServer.in(
                other,
                EngineOptions.builder().threads(1).build(),
                options -> options.limits(new RequestLimits(1 << 22, 128, 1 << 20, Duration.ofNanos(1))))) {
            hasty.post(PATH, input).isError(504, "server_error", "the time limit of a request");
            TestServer.await(() -> hasty.engine().sequences().isEmpty());
        }
    }

    @Test
    void manyWhoWaitDoNotChangeAVector(@TempDir Path other) {
        float[] expected = vector(embed("\"input\":\"" + TEXT + "\""), 0);
        try (TestServer crowded = TestServer.in(
                other,
                EngineOptions.builder()
                        .threads(1)
                        .maxSequences(1)
                        .maxWaiting(16)
                        .build(),
                options -> options.shedding(new SheddingOptions(0.3, 0, Duration.ZERO)))) {
            // Some of these wait whenever another one begins.
            List<CompletableFuture<TextEmbedding>> others = Stream.generate(
                            () -> crowded.engine().embed(new int[200], RouteSettings.MODEL))
                    .limit(4)
                    .toList();
            JsonNode body = crowded.post(PATH, "{\"input\":\"" + TEXT + "\"}").succeeds();
            assertThat(vector(body, 0)).isEqualTo(expected);
            assertThat(body.at("/usage/recursions/shed_level").intValue()).isZero();
            others.forEach(CompletableFuture::join);
        }
    }

    @Test
    void theRecordAndTheMetricsKnowOfIt(@TempDir Path other) {
        AuditOptions audit =
                AuditOptions.of(AuditLocation.parse(other.resolve("audit.db").toString()));
        try (TestServer audited =
                TestServer.in(other, EngineOptions.builder().threads(1).build(), options -> options.audit(audit))) {
            audited.post(PATH, "{\"input\":[\"" + TEXT + "\",\"b\"],\"max_depth\":2}")
                    .succeeds();
            TestServer.await(
                    () -> !audited.get("/v1/audit").succeeds().get("data").isEmpty());
            JsonNode entry = audited.get("/v1/audit").succeeds().get("data").get(0);
            assertThat(entry.get("path").stringValue()).isEqualTo(PATH);
            assertThat(entry.at("/spending/prompt_tokens").intValue()).isEqualTo(IDS.length + 1);
            assertThat(entry.at("/settings/prompts").intValue()).isEqualTo(2);
            assertThat(entry.at("/settings/max_depth").intValue()).isEqualTo(2);
            Map<String, Double> series = audited.series();
            Optional<String> duration = series.keySet().stream()
                    .filter(name -> name.startsWith("gen_ai_server_request_duration_seconds_count"))
                    .filter(name -> name.contains("embeddings"))
                    .findFirst();
            assertThat(duration).isPresent();
        }
    }
}
