package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// A client's values that the server repeats: a line break in them, of whatever kind, begins neither a header
/// nor an event of a stream.
class InjectionTest {

    /// Line breaks of HTTP, of event streams and of Unicode, followed by text that imitates the server.
    private static final String BREAKS =
            "a\r\nInjected: b\n\ndata: [DONE]\r\rdata: {}\u2028data: c\u2029\u0085\u000b\u000cInjected: d\0";

    private static final String HOST = "Host: localhost\r\n";

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

    private static String quoted(String text) {
        return JsonNodeFactory.instance.stringNode(text).toString();
    }

    private static String answer(String request) {
        try (RawClient client = new RawClient(server.port())) {
            return client.send(request.getBytes(StandardCharsets.ISO_8859_1)).answer();
        }
    }

    private static String post(String path, String body) {
        try (RawClient client = new RawClient(server.port())) {
            return client.send(RawClient.request(path, body)).answer();
        }
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    /// Fails if the answer has a header that the server does not set by itself.
    private static void hasOnlyItsOwnHeaders(String answer) {
        String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
        assertThat(head).doesNotContainPattern("\r(?!\n)").doesNotContainPattern("(?<!\r)\n");
        assertThat(Arrays.stream(head.split("\r\n", -1))
                        .skip(1)
                        .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT)))
                .doesNotHaveDuplicates()
                .isSubsetOf(
                        "x-request-id",
                        "content-type",
                        "content-length",
                        "transfer-encoding",
                        "connection",
                        "date",
                        "cache-control",
                        "x-accel-buffering",
                        "x-content-type-options",
                        "content-security-policy",
                        "content-language",
                        "referrer-policy",
                        "cross-origin-opener-policy",
                        "vary",
                        "location",
                        "allow");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "z\rInjected: b",
                "z\nInjected: b",
                "z\r\n Injected: b",
                "z\u0085Injected: b",
                "z\u000bInjected",
                "z\0Injected",
                "z b",
                "\u00e9"
            })
    void theNameOfARequestIsSaidAgainOnlyIfItIsOneWord(String name) {
        String answer = answer("GET /health HTTP/1.1\r\n" + HOST + "X-Request-Id: " + name + "\r\n\r\n");
        hasOnlyItsOwnHeaders(answer);
        // The name that the server generates instead is hexadecimal.
        assertThat(answer.substring(0, answer.indexOf("\r\n\r\n"))).doesNotContain("Injected", "X-Request-Id: z");
    }

    @Test
    void theNameOfARequestThatIsOneWordIsSaidAgain() {
        assertThat(answer("GET /health HTTP/1.1\r\n" + HOST + "X-Request-Id: a-1_!~\r\n\r\n"))
                .containsIgnoringCase("\r\nX-Request-Id: a-1_!~\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models/a%0d%0aInjected:%20b",
                "/ui/%0d%0aInjected:%20b",
                "/ui?lang=en%0d%0aInjected:%20b",
                "/ui/dashboard?lang=ja%0d%0aInjected:%20b",
                "/%E2%80%A8Injected:%20b",
                "/health/live?a=%0d%0aInjected:%20b",
                "/v1/audit?since=%0d%0aInjected:%20b"
            })
    void aPathOrQueryBreaksNoHead(String path) {
        hasOnlyItsOwnHeaders(answer("GET " + path + " HTTP/1.1\r\n" + HOST + "\r\n"));
    }

    @Test
    void messagesOfErrorsSayWhatWasSentWithinTheirString() {
        for (String field : List.of("\"model\":", "\"temperature\":", "\"stop\":[\"\"],\"user\":")) {
            String answer = post("/v1/completions", "{\"prompt\":\"a\"," + field + quoted(BREAKS) + "}");
            hasOnlyItsOwnHeaders(answer);
            assertThat(body(answer)).doesNotContain("\r", "\n");
            assertThat(TestServer.parse(body(answer)).at("/error/message").isString())
                    .isTrue();
        }
        assertThat(TestServer.parse(
                                body(post("/v1/completions", "{\"prompt\":\"a\",\"model\":" + quoted(BREAKS) + "}")))
                        .at("/error/message")
                        .stringValue())
                .contains(BREAKS.substring(0, 40));
    }

    /// The events of a stream, separated by empty lines, whatever ends a line.
    private static List<String> events(String answer) {
        return Arrays.stream(body(answer).split("\n\n", -1))
                .filter(event -> !event.isEmpty())
                .toList();
    }

    @Test
    void aPromptThatIsRepeatedIsOneEventOfAStream() {
        String answer = post(
                "/v1/completions",
                "{\"prompt\":" + quoted(BREAKS)
                        + ",\"echo\":true,\"stream\":true,\"max_tokens\":1,\"ignore_eos\":true}");
        hasOnlyItsOwnHeaders(answer);
        assertThat(body(answer)).doesNotContain("\r").doesNotContain("\u2028", "\u2029", "\u0085", "\u000b", "\u000c");
        List<String> events = events(answer);
        assertThat(events).last().isEqualTo("data: [DONE]");
        StringBuilder text = new StringBuilder();
        for (String event : events.subList(0, events.size() - 1)) {
            assertThat(event).startsWith("data: {").doesNotContain("\n");
            JsonNode piece = TestServer.parse(event.substring("data: ".length()));
            text.append(piece.at("/choices/0/text").stringValue(""));
        }
        assertThat(text.toString()).startsWith(BREAKS);
    }

    @Test
    void whatAResponseRepeatsOfItsRequestIsOneEventOfAStream() {
        String answer = post(
                "/v1/responses",
                "{\"input\":\"a\",\"stream\":true,\"max_output_tokens\":1,\"user\":" + quoted(BREAKS)
                        + ",\"instructions\":" + quoted(BREAKS) + ",\"metadata\":{" + quoted(BREAKS) + ":"
                        + quoted(BREAKS) + "}}");
        hasOnlyItsOwnHeaders(answer);
        assertThat(body(answer)).doesNotContain("\r").doesNotContain("\u2028", "\u2029", "\u0085", "\u000b", "\u000c");
        boolean seen = false;
        for (String event : events(answer)) {
            assertThat(event).matches("event: [a-z_.]+\ndata: [^\n]+");
            JsonNode data = TestServer.parse(event.substring(event.indexOf("data: ") + "data: ".length()));
            seen |= data.at("/response/user").stringValue("").equals(BREAKS);
        }
        assertThat(seen).isTrue();
    }
}
