package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.TestServer.Answer;
import dev.saiki.server.settings.RequestLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorsTest {

    private static final String PATH = "/v1/completions";

    /// The context of a model whose answers take seconds.
    private static final int LONG = 65_536;

    private static final String LONG_ANSWER =
            "{\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":60000,\"stream\":true}";

    private static final String BRIEF = "{\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":2}";

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "max_tokens":-1                          | max_tokens        | an integer from 0 to
            "max_tokens":1.5                         | max_tokens        | 1.5
            "max_tokens":"7"                         | max_tokens        | integer
            "temperature":-0.1                       | temperature       | from 0 to 2
            "temperature":"hot"                      | temperature       | a number, got "hot"
            "top_p":-0.1                             | top_p             | from 0 to 1
            "temperature":2.5                        | temperature       | from 0 to 2
            "stop":["a","b","c","d","e"]             | stop              | at most 4
            "top_k":-2                               | top_k             | an integer from -1 to
            "min_p":1.5                              | min_p             | [0, 1]
            "presence_penalty":3                     | presence_penalty  | [-2, 2]
            "frequency_penalty":-3                   | frequency_penalty | [-2, 2]
            "repetition_penalty":0                   | repetition_penalty | (0, 10]
            "logit_bias":{"5":101}                   | logit_bias        | [-100, 100]
            "logit_bias":{"x":1}                     | logit_bias        | token ids
            "logit_bias":{"99999":1}                 | logit_bias        | 99999
            "logit_bias":[1]                         | logit_bias        | an object
            "seed":1e300                             | seed              | 64 bits
            "seed":99999999999999999999              | seed              | 64 bits
            "n":0                                    | n                 | from 1
            "n":129                                  | n                 | to 128
            "stop":["a",""]                          | stop              | none of them empty
            "temperature":1e999                      | temperature       | from 0 to 2
            "top_p":-1e999                           | top_p             | from 0 to 1
            "logit_bias":{"5":1e999}                 | logit_bias        | [-100, 100]
            "effort":1e999                           | effort            | effort must be
            "stop":[1]                               | stop              | strings
            "stop":{"a":1}                           | stop              | an array
            "logprobs":21                            | logprobs          | from 0 to 20
            "logprobs":true                          | logprobs          | an integer
            "stream":"yes"                           | stream            | true or false
            "stream_options":true                    | stream_options    | an object
            "whole_utf8":"yes"                       | whole_utf8        | true or false
            "echo":1                                 | echo              | true or false
            "min_depth":0                            | min_depth         | from 1 to 3
            "min_depth":4                            | min_depth         | from 1 to 3
            "min_depth":3,"max_depth":2              | max_depth         | at least min_depth = 3
            "effort":0.1                             | effort            | from 0.25
            "effort":"all"                           | effort            | a number
            "suffix":"end"                           | suffix            | not supported
            "best_of":2                              | best_of           | not supported
            "tools":[{"type":"function"}]            | tools             | not supported
            "min_tokens":-1                          | min_tokens        | an integer from 0 to
            "min_tokens":17                          | min_tokens        | at most 16, the maximum length of the answer
            "stop_token_ids":7                       | stop_token_ids    | an array
            "stop_token_ids":["a"]                   | stop_token_ids    | token ids
            "stop_token_ids":[99999]                 | stop_token_ids    | 99999
            "guided_json":{"type":"object"}          | guided_json       | not supported
            "response_format":{"type":"yaml"}        | response_format   | yaml
            "response_format":{"type":"json_schema"} | response_format   | json_schema.schema
            "response_format":{"type":"json_schema","json_schema":{"strict":true,"schema":{"not":{}}}} | response_format | #: not is not supported
            "structured_outputs":{"grammar":"x"}     | structured_outputs | grammar
            "structured_outputs":{"json":"{"}        | structured_outputs | not valid JSON
            "structured_outputs":{"regex":"("}       | structured_outputs | regular expression
            "structured_outputs":{"choice":["a"],"regex":"a"} | structured_outputs | only one answer format
            "modalities":["audio"]                   | modalities        | audio
            "model":7                                | model             | a string
            """)
    void aValueThatIsImpossibleIsNamed(String fields, String param, String fragment) {
        server.post(PATH, "{\"prompt\":\"a\"," + fields + "}").isRefused(param, fragment);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                        | is required
            {"prompt":null}           | is required
            {"prompt":7}              | an array
            {"prompt":[]}             | not be empty
            {"prompt":[[]]}           | token ids
            {"prompt":[1,"a"]}        | token ids
            {"prompt":["a",1]}        | token ids
            {"prompt":[1.5]}          | token ids
            {"prompt":[-1]}           | from 0
            {"prompt":[99999]}        | 99999
            {"prompt":[[1],[99999]]}  | 99999
            {"prompt":{"a":"b"}}      | an array
            """)
    void aPromptThatIsNoneIsRefused(String body, String fragment) {
        server.post(PATH, body).isRefused("prompt", fragment);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                       | got nothing
            []                       | a JSON object
            "text"                   | a JSON object
            {"prompt":               | not valid JSON
            {"prompt":"a"} trailing  | not valid JSON
            {"a":1,"a":2}            | not valid JSON
            {'prompt':'a'}           | not valid JSON
            """)
    void aBodyThatIsNoObjectIsRefused(String body, String fragment) {
        server.post(PATH, body).isRefused("", fragment);
    }

    @Test
    void whatFollowsABodyIsRefusedWithoutAWordOfTheParser() {
        server.post("/v1/completions", "{\"prompt\":\"a\"}\"b\"")
                .isError(400, "invalid_request_error", "followed by other text");
    }

    @Test
    void whatIsNoNumberIsRefusedWithoutTheParsersAdvice() {
        server.post(PATH, "{\"prompt\":\"a\",\"temperature\":NaN}")
                .isError(400, "invalid_request_error", "the body is not valid JSON: Non-standard token 'NaN'");
    }

    @Test
    void numbersAreBounded() {
        server.post(PATH, "{\"prompt\":\"a\",\"temperature\":1" + "0".repeat(400) + "}")
                .isRefused("", "not valid JSON", "a number of more than 64 characters");
    }

    @Test
    void nestingIsBounded() {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        server.post(PATH, "{\"prompt\":\"a\",\"metadata\":" + deep + "}")
                .isRefused("", "not valid JSON", "more than 32 levels");
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        Answer answer = server.send(server.request(PATH)
                .POST(HttpRequest.BodyPublishers.ofByteArray(
                        new byte[] {'{', '"', (byte) 0xC3, (byte) 0x28, '"', ':', '1', '}'})));
        answer.isRefused("", "not valid JSON");
    }

    @Test
    void anotherModelIsNotFound() {
        Answer answer = server.post(PATH, "{\"prompt\":\"a\",\"model\":\"gpt-9\"}");
        answer.isError(404, "invalid_request_error", "gpt-9");
        assertThat(answer.json().get("error").get("param").stringValue()).isEqualTo("model");
        assertThat(answer.json().get("error").get("code").stringValue()).isEqualTo("model_not_found");
    }

    /// JSON can contain halves of surrogate pairs, which UTF-8 cannot encode.
    @Test
    void halvesOfCharactersAreNoReasonToFail() {
        server.post(PATH, "{\"prompt\":\"a\",\"model\":\"\\ud83d\"}").isError(404, "invalid_request_error", "model");
        String cutWithin = "a".repeat(79) + "😀😀";
        server.post(PATH, "{\"prompt\":\"a\",\"model\":\"" + cutWithin + "\"}")
                .isError(404, "invalid_request_error", "aaa…");
        server.post(PATH, "{\"prompt\":\"a\",\"temperature\":\"\\udc00\"}").isRefused("temperature", "a number");
        server.post(PATH, "{\"prompt\":\"a\",\"structured_outputs\":{\"regex\":\"(\\ud83d\"}}")
                .isRefused("structured_outputs", "regular expression");
        Answer echoed =
                server.post(PATH, "{\"prompt\":\"a\\ud83db\",\"echo\":true,\"max_tokens\":1,\"ignore_eos\":true}");
        assertThat(echoed.succeeds().at("/choices/0/text").stringValue()).startsWith("a");
        server.post(
                        "/v1/chat/completions",
                        "{\"max_tokens\":2,\"stop\":\"\\ud83d\",\"messages\":[{\"role\":\"user\",\"content\":\"\\udead\"}]}")
                .succeeds();
        server.post(
                        "/v1/responses",
                        "{\"max_output_tokens\":2,\"instructions\":\"\\ud83d\",\"input\":\"\\ud83d\",\"metadata\":{\"a\":\"\\ud83d\"}}")
                .succeeds();
        server.post("/tokenize", "{\"prompt\":\"\\ud83d\",\"return_token_strs\":true}")
                .succeeds();
        server.post("/v1/embeddings", "{\"input\":\"\\ud83d\"}").succeeds();
        server.post("/inspect", "{\"prompt\":\"\\ud83d\"}").succeeds();
    }

    @Test
    void messagesDoNotRepeatAllThatWasSent() {
        String many = "x".repeat(100_000);
        for (String field : List.of(
                "\"structured_outputs\":{\"json\":{\"type\":\"object\",\"properties\":{\"" + many + "\":7}}}",
                "\"response_format\":{\"type\":\"json_object\",\"schema\":[\"" + many + "\"]}",
                "\"structured_outputs\":{\"regex\":\"(" + many + "\"}",
                "\"stop\":[\"\",\"" + many + "\"]")) {
            Answer refused = server.post(PATH, "{\"prompt\":\"a\"," + field + "}");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.raw().body()).hasSizeLessThan(2000);
        }
    }

    @Test
    void stopTextsAreBoundedForTheyAreLookedForAtEveryToken() {
        server.post(PATH, "{\"prompt\":\"a\",\"stop\":[\"b\",\"" + "a".repeat(1001) + "\"]}")
                .isRefused("stop", "at most 1000 characters", "1001");
        server.post(PATH, "{\"prompt\":\"a\",\"max_tokens\":1,\"stop\":\"" + "a".repeat(1000) + "\"}")
                .succeeds();
    }

    @Test
    void aFormThatIsTooMuchIsRefusedOrGivenUpInWords() {
        server.post(PATH, "{\"prompt\":\"a\",\"structured_outputs\":{\"regex\":\"(a{1,1000}){1,1000}\"}}")
                .isRefused("structured_outputs", "repetitions within repetitions");
        server.post(PATH, "{\"prompt\":\"a\",\"structured_outputs\":{\"regex\":\"(?:a?b?){10000}\"}}")
                .isRefused("", "too ambiguous");
        String doubling = "{\"prompt\":\"a\",\"max_tokens\":100,\"logit_bias\":{\""
                + TestServer.TOKENIZER.encode("[")[0]
                + "\":100},\"structured_outputs\":{\"json\":{\"anyOf\":[{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}},"
                + "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}},{\"type\":\"null\"}]}}";
        server.post(PATH, doubling + "}").isRefused("", "too ambiguous");
        List<String> events = TestServer.events(server.post(PATH, doubling + ",\"stream\":true}"));
        assertThat(TestServer.parse(events.getLast()).at("/error/message").stringValue())
                .contains("too ambiguous");
    }

    @Test
    void whatExceedsTheContextIsToldBothNumbers() {
        Answer answer = server.post(PATH, "{\"prompt\":[1,2,3],\"max_tokens\":254}");
        answer.isRefused("max_tokens", "256", "3", "254");
        assertThat(answer.json().get("error").get("code").stringValue()).isEqualTo("context_length_exceeded");
        String ids = "1,".repeat(256) + "1";
        server.post(PATH, "{\"prompt\":[" + ids + "]}").isRefused("prompt", "256", "257");
        assertThat(server.post(PATH, "{\"prompt\":[" + ids.substring(2) + "],\"max_tokens\":0}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void answersToOneRequestAreBounded() {
        String prompts = "\"a\",".repeat(64) + "\"a\"";
        server.post(PATH, "{\"prompt\":[" + prompts + "],\"n\":2,\"max_tokens\":1}")
                .isRefused("n", "128", "2 times 65");
        server.post(PATH, "{\"prompt\":[" + prompts + "," + prompts + "]}").isRefused("prompt", "at most 128");
    }

    /// The maximum number of tokens of all answers to a request.
    private static final int MOST_TOKENS = 1000;

    @Test
    void answersThatWouldBeTooMuchToHoldAreRefusedBeforeAnythingIsComputed(@TempDir Path other) {
        RequestLimits limits = new RequestLimits(1 << 22, 128, MOST_TOKENS, Duration.ofMinutes(1));
        String echoed = "{\"prompt\":[[" + "5,".repeat(99) + "5],[5]],\"echo\":true,\"max_tokens\":1,";
        try (TestServer small =
                TestServer.in(other, EngineOptions.builder().threads(1).build(), options -> options.limits(limits))) {
            for (String stream : List.of("", ",\"stream\":true")) {
                small.post(PATH, "{\"prompt\":\"a\",\"n\":2,\"max_tokens\":25,\"logprobs\":20" + stream + "}")
                        .isRefused(
                                "logprobs",
                                "at most 1000 tokens",
                                "got 1050: 2 answers of at most 25",
                                "20 alternatives");
                small.post(PATH, "{\"prompt\":\"a\",\"n\":5,\"max_tokens\":201" + stream + "}")
                        .isRefused("n", "at most 1000 tokens", "got 1005: 5 answers of at most 201 tokens");
                small.post(PATH, echoed + "\"logprobs\":9" + stream + "}")
                        .isRefused("logprobs", "got 1030: 2 answers of at most 1 tokens and their prompts");
                small.post(
                                "/v1/chat/completions",
                                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":48,"
                                        + "\"logprobs\":true,\"top_logprobs\":20" + stream + "}")
                        .isRefused("top_logprobs", "got 1008");
            }
            assertThat(small.engine().statistics().tokensWritten()).isZero();
            small.post(PATH, "{\"prompt\":\"a\",\"n\":2,\"max_tokens\":25,\"logprobs\":19}")
                    .succeeds();
            small.post(PATH, echoed + "\"logprobs\":8}").succeeds();
            // Texts are repeated as they came, and their tokens are not told of.
            small.post(PATH, echoed + "\"n\":5}").succeeds();
        }
    }

    @Test
    void aBodyThatIsTooLongIsRefused(@TempDir Path other) throws IOException {
        try (TestServer small = TestServer.in(
                other,
                EngineOptions.DEFAULT,
                options -> options.limits(new RequestLimits(100, 1, 1000, Duration.ofMinutes(1))))) {
            small.post(PATH, "{\"prompt\":\"" + "a".repeat(100) + "\"}").isError(413, "invalid_request_error", "100");
            // Sent in chunks, so that its length is not known in advance.
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), small.port())) {
                socket.setSoTimeout(10_000);
                OutputStream out = socket.getOutputStream();
                out.write(ascii("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"));
                for (int i = 0; i < 3; i++) {
                    out.write(ascii("32\r\n" + " ".repeat(50) + "\r\n"));
                }
                out.write(ascii("0\r\n\r\n"));
                assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
            }
            assertThat(small.post(PATH, "{\"prompt\":\"a\",\"max_tokens\":1}").status())
                    .isEqualTo(200);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String firstLine(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = socket.getInputStream().read();
                b != '\r' && b >= 0;
                b = socket.getInputStream().read()) {
            line.append((char) b);
        }
        return line.toString();
    }

    @Test
    void aFullQueueIsToldToComeAgain(@TempDir Path other) {
        EngineOptions one =
                EngineOptions.builder().threads(1).maxSequences(1).maxWaiting(1).build();
        try (TestServer full = TestServer.in(other, one, options -> options)) {
            CompletableFuture<Answer> waiting = full.whileHeld(() -> {
                CompletableFuture<Answer> first = CompletableFuture.supplyAsync(() -> full.post(PATH, BRIEF));
                TestServer.await(() -> full.engine().waiting() == 1);
                Answer refused = full.post(PATH, BRIEF);
                refused.isError(429, "rate_limit_error", "the queue is full, with 1 waiting");
                assertThat(refused.raw().headers().firstValue("Retry-After")).contains("1");
                return first;
            });
            waiting.join().succeeds();
            full.post(PATH, BRIEF).succeeds();
        }
    }

    @Test
    void severalAnswersAreBegunTogetherOrNotAtAll(@TempDir Path other) {
        EngineOptions two =
                EngineOptions.builder().threads(1).maxSequences(1).maxWaiting(2).build();
        try (TestServer full = TestServer.in(other, two, options -> options)) {
            Answer refused = full.whileHeld(() -> full.post(PATH, BRIEF.replace("}", ",\"n\":3}")));
            refused.isError(429, "rate_limit_error", "with 2 waiting");
            TestServer.await(() -> full.engine().sequences().isEmpty());
            assertThat(full.engine().statistics().tokensWritten()).isZero();
            assertThat(full.engine().statistics().cache().pagesInUse()).isZero();
            full.post(PATH, BRIEF.replace("}", ",\"n\":2}")).succeeds();
        }
    }

    /// A time limit so short that no machine can generate such an answer within it.
    @Test
    void anAnswerThatTakesTooLongIsGivenUp(@TempDir Path other) {
        RequestLimits brief = new RequestLimits(10_000, 1, 1 << 20, Duration.ofMillis(20));
        try (TestServer slow = TestServer.in(
                other, LONG, EngineOptions.builder().threads(1).build(), options -> options.limits(brief))) {
            slow.post(PATH, LONG_ANSWER.replace("true}", "false}")).isError(504, "server_error", "0.02 s");
            Answer stream = slow.post(PATH, LONG_ANSWER);
            List<String> events = TestServer.events(stream);
            assertThat(events).isNotEmpty().doesNotContain("[DONE]");
            assertThat(TestServer.parse(events.getLast())
                            .get("error")
                            .get("code")
                            .stringValue())
                    .isEqualTo("request_timeout");
            assertThat(slow.engine().statistics().cache().pagesInUse()).isZero();
        }
    }

    @Test
    void aClientThatGoesIsNoticedAtOnceAndItsPagesAreFreed(@TempDir Path other) throws IOException {
        try (TestServer alone =
                TestServer.in(other, LONG, EngineOptions.builder().threads(1).build(), options -> options)) {
            long before;
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), alone.port())) {
                socket.setSoTimeout(20_000);
                socket.setSoLinger(true, 0);
                socket.getOutputStream()
                        .write(ascii(
                                "POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                        + "Content-Length: " + LONG_ANSWER.length() + "\r\n\r\n" + LONG_ANSWER));
                StringBuilder seen = new StringBuilder();
                while (!seen.toString().contains("data: ")) {
                    seen.append((char) socket.getInputStream().read());
                }
                before = alone.engine().statistics().tokensWritten();
            }
            TestServer.await(() -> alone.engine().sequences().isEmpty());
            assertThat(alone.engine().statistics().tokensWritten() - before)
                    .as("tokens written for nobody")
                    .isLessThan(5_000);
            assertThat(alone.engine().statistics().cache().pagesInUse()).isZero();
            assertThat(alone.post(PATH, "{\"prompt\":\"a\",\"max_tokens\":2}").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aServerThatEndsLetsAnswersFinishAndTakesNoNewOnes(@TempDir Path other) throws IOException {
        try (TestServer ending =
                TestServer.in(other, LONG, EngineOptions.builder().threads(1).build(), options -> options)) {
            HttpResponse<InputStream> response = ending.open(PATH, LONG_ANSWER.replace("60000", "1500"));
            CompletableFuture<Boolean> drained = CompletableFuture.supplyAsync(ending.server()::drain);
            TestServer.await(() -> ending.get("/health/ready").status() == 503);
            Answer refused = ending.post(PATH, "{\"prompt\":\"a\"}");
            refused.isError(503, "unavailable_error", "shutting down");
            assertThat(refused.raw().headers().firstValue("Retry-After")).contains("1");
            String all = new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).endsWith("data: [DONE]\n\n");
            assertThat(drained.join()).isTrue();
        }
    }

    @Test
    void aServerThatMayNotWaitCutsAnswersOff(@TempDir Path other) throws IOException {
        InputStream body;
        try (TestServer ending = TestServer.in(
                other,
                EngineOptions.builder().threads(1).build(),
                options -> options.drainTime(Duration.ofMillis(50)))) {
            body = ending.whileHeld(() -> {
                InputStream begun = ending.open(PATH, BRIEF.replace("}", ",\"stream\":true}"))
                        .body();
                assertThat(ending.server().drain()).isFalse();
                return begun;
            });
        }
        body.close();
    }
}
