package dev.saiki.eval.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Servers as llama.cpp's, vLLM and plain ones answer, and such as mean harm.
class EndpointReferenceTest {

    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final ModelBounds BOUNDS = new ModelBounds(BYTES.vocabSize(), 64);
    private static final int A = BYTES.encode("a")[0];
    private static final int B = BYTES.encode("b")[0];
    private static final int C = BYTES.encode("c")[0];

    private final List<JsonNode> asked = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);

    @SuppressWarnings("NullAway.Init")
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private void answer(String path, Function<JsonNode, String> answers) {
        server.createContext(path, exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            JsonNode json =
                    JsonMapper.shared().readTree(body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body);
            asked.add(json);
            String said = answers.apply(json);
            send(exchange, said.startsWith("!") ? 400 : 200, said.startsWith("!") ? said.substring(1) : said);
        });
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(bytes);
        }
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    private EndpointReference open(Duration timeout) throws InterruptedException {
        return EndpointReference.open(
                new EndpointReference.Server(
                        url(), Optional.of("secret"), Optional.of("small"), List.of("ab"), 2, timeout),
                BYTES,
                BOUNDS);
    }

    private ReferenceText first() throws InterruptedException {
        try (EndpointReference reference = open(Duration.ofSeconds(20))) {
            ReferenceText text = reference.next().orElseThrow();
            assertThat(reference.next()).isEmpty();
            return text;
        }
    }

    @Test
    void llamaCppTellsIdsAndNoPrompt() throws InterruptedException {
        answer(
                "/v1/completions",
                body -> body.has("echo")
                        ? "!{\"error\": \"Only no echo is supported\"}"
                        : "{\"choices\": [{\"text\": \"ca\", \"logprobs\": {\"content\": [" + entry("c", C) + ","
                                + entry("a", A) + "]}}], \"system_fingerprint\": \"b1234\"}");
        answer("/tokenize", _ -> "{\"tokens\": [" + A + ", " + B + "]}");
        ReferenceText text = first();
        assertThat(text.idsAreGiven()).isTrue();
        assertThat(text.whole()).containsExactly(A, B, C, A);
        assertThat(text.continuation()).contains("ca");
        assertThat(text.rows()).hasSize(2);
        assertThat(text.rows().getFirst().position()).isEqualTo(1);
        assertThat(text.rows().getFirst().ids()).containsExactly(C, B);
        assertThat(text.rows().getFirst().namesLikeliest()).isTrue();
    }

    private static String entry(String name, int id) {
        return "{\"token\": \"" + name + "\", \"id\": " + id + ", \"logprob\": -0.25, \"top_logprobs\": [{\"token\": \""
                + name + "\", \"id\": " + id + ", \"logprob\": -0.25}, {\"token\": \"b\", \"id\": " + B
                + ", \"logprob\": -2}]}";
    }

    @Test
    void vllmNamesTokensByTheirIds() throws InterruptedException {
        answer(
                "/v1/completions",
                _ -> "{\"choices\": [{\"text\": \"abc\", \"prompt_token_ids\": [" + A + "," + B
                        + "], \"token_ids\": [" + C + "], \"logprobs\": {\"tokens\": [\"token_id:" + A
                        + "\", \"token_id:" + B
                        + "\", \"token_id:" + C + "\"], \"token_logprobs\": [null, -1, -0.5], \"top_logprobs\": [null,"
                        + " {\"token_id:" + C + "\": -0.1, \"token_id:" + B + "\": -1}, {\"token_id:" + C
                        + "\": -0.5, \"token_id:" + A + "\": -9999}]}}]}");
        ReferenceText text = first();
        assertThat(asked.getFirst().path("return_tokens_as_token_ids").booleanValue())
                .isTrue();
        assertThat(text.ids()).containsExactly(A, B);
        assertThat(text.greedy()).containsExactly(C);
        assertThat(text.continuation()).contains("c");
        assertThat(text.rows()).hasSize(2);
        assertThat(text.rows().getFirst().ids()).containsExactly(B, C);
        assertThat(text.rows().get(1).ids()).containsExactly(C);
    }

    @Test
    void aPlainServersTokensAreKnownByTheirTexts() throws InterruptedException {
        answer(
                "/v1/completions",
                body -> body.has("echo") || body.has("return_token_ids")
                        ? "!{}"
                        : "{\"choices\": [{\"text\": \"c\", \"logprobs\": {\"tokens\": [\"c\"], \"token_logprobs\":"
                                + " [-0.5], \"top_logprobs\": [{\"c\": -0.5, \"nowhere\": -1}]}}]}");
        ReferenceText text = first();
        assertThat(text.idsAreGiven()).isFalse();
        assertThat(text.greedy()).containsExactly(C);
        assertThat(text.rows().getFirst().ids()).containsExactly(C);
        assertThat(text.rows().getFirst().namesLikeliest()).isFalse();
    }

    @Test
    void namesThatDeceiveAreNotFollowed() throws InterruptedException {
        answer(
                "/v1/completions",
                _ -> "{\"choices\": [{\"text\": \"abc\", \"prompt_token_ids\": [" + A + "," + B + "], \"token_ids\": ["
                        + C + "], \"logprobs\": {\"tokens\": [\"a\", \"b\", \"a\"], \"token_logprobs\": [null, -1,"
                        + " -0.5], \"top_logprobs\": [null, {\"a\": -1}, {\"a\": -0.5}]}}]}");
        assertThat(first().rows()).allMatch(row -> row.ids().length == 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "[] | the answer must have log-probabilities",
                "7 | the answer must have log-probabilities",
                "{`choices`: [{`text`: `c`}]} | the answer must have log-probabilities",
                "{`choices`: [{`logprobs`: {`tokens`: [`c`], `token_logprobs`: []}}]} | lists of equal length, got 1 and 0",
                "{`choices`: [{`logprobs`: {`tokens`: [`c`], `token_logprobs`: [0.5]}}]} | at most 0, got 0.5",
                "{`choices`: [{`logprobs`: {`tokens`: [`c`], `token_logprobs`: [-1e400]}}]} | a finite number",
                "{`choices`: [{`logprobs`: {`tokens`: [`c`], `token_logprobs`: [`x`]}}]} | a finite number",
                "{`choices`: [{`logprobs`: {`tokens`: [`c`], `token_logprobs`: [NaN]}}]} | the answer is not JSON",
                "{`choices`: [{`logprobs`: {`tokens`: [], `token_logprobs`: []}}]} | the prompt's 2 tokens, got 0",
                "{`choices`: [{`prompt_token_ids`: [99999], `logprobs`: {}}]} | token ids from 0 to",
                "{`choices`: [{`token_ids`: [1, 2], `logprobs`: {`tokens`: [`a`, `b`, `c`], `token_logprobs`: [-1, -1, -1]}}]}"
                        + " | equally many tokens, got 2 and 1",
                "{`choices`: [{`logprobs`: {`tokens`: [`a`, `b`, `cd`], `token_logprobs`: [-1, -1, -1]}}]} | the answer has no token ids",
                "{`choices`: [{`logprobs`: {`tokens`: [`a`, `b`], `token_logprobs`: [null, null]}}]} | at least one log-probability",
                "{`choices`: [{`logprobs`: {`tokens`: [`a`, `b`], `token_logprobs`: [null, -1]}}], `usage`: {`prompt_tokens`: 7}}"
                        + " | prompt token counts differ: server 7",
                "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ | the answer is not JSON",
            })
    void aWrongAnswerGivesOneMessage(String body, String message) {
        answer("/v1/completions", _ -> body.replace('`', '"'));
        assertThatThrownBy(this::first)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("/v1/completions")
                .hasMessageContaining(message);
    }

    @Test
    void anAnswerWithoutEndIsCutOff() {
        server.createContext("/v1/completions", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] spaces = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
            try (OutputStream output = exchange.getResponseBody()) {
                while (over.getCount() > 0) {
                    output.write(spaces);
                }
            }
        });
        assertThatThrownBy(this::first)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("longer than 8388608 bytes");
    }

    @Test
    void aSlowServerIsNotWaitedForForever() {
        server.createContext("/v1/completions", exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(' ');
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> {
                    try (EndpointReference reference = open(Duration.ofSeconds(1))) {
                        reference.next();
                    }
                })
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no complete answer within 1 seconds");
    }

    @Test
    void theKeyGoesNowhereElse() {
        List<String> keys = new ArrayList<>();
        server.createContext("/elsewhere", exchange -> {
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            send(exchange, 200, "{}");
        });
        server.createContext("/v1/completions", exchange -> {
            exchange.getResponseHeaders().add("Location", "/elsewhere");
            send(exchange, 307, "moved");
        });
        assertThatThrownBy(this::first)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got status 307: moved");
        assertThat(keys).isEmpty();
    }

    @Test
    void aServerThatIsNotThereIsNamed() {
        server.stop(0);
        assertThatThrownBy(this::first).isInstanceOf(InputException.class).hasMessageContaining("cannot connect");
        assertThatThrownBy(() -> new EndpointClient(
                        URI.create("http://me:secret@127.0.0.1/v1"), Optional.empty(), Duration.ofSeconds(1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("without user")
                .message()
                .doesNotContain("secret");
    }
}
