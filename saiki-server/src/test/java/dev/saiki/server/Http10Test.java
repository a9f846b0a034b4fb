package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that use HTTP/1.0, as nginx does by default, and `ab`.
class Http10Test {

    private static final String BODY = "{\"prompt\":\"the whale\",\"max_tokens\":5,\"ignore_eos\":true,\"stream\":%s}";

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

    private static String request(String body, String headers) {
        return "POST /v1/completions HTTP/1.0\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /// Everything that the server sends until it closes the connection.
    private static String answer(String request) {
        try (RawClient client = new RawClient(server.port())) {
            byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
            // Sent in pieces with arbitrary ends, like packets.
            for (int from = 0; from < bytes.length; from += 37) {
                client.send(bytes, from, Math.min(bytes.length, from + 37));
            }
            return new String(client.read(1 << 20), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aWholeAnswerHasItsLengthAndEndsTheConnection() {
        String answer = answer(request(BODY.formatted("false"), "Host: 127.0.0.1:8080\r\nConnection: close\r\n"));

        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nConnection: close\r\n", "\"text_completion\"");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        assertThat(answer).contains("\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n");
    }

    @Test
    void aStreamComesWithoutChunksAndEndsWithTheConnection() {
        String answer = answer(request(BODY.formatted("true"), "Host: localhost\r\n"));

        assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("Transfer-Encoding", "Content-Length");
        assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                .startsWith("data: {")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void itNeedsNoHostAndKeepsNoConnection() {
        assertThat(answer("GET /v1/models HTTP/1.0\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nConnection: close\r\n", "\"tiny\"");
        assertThat(answer("GET /health HTTP/1.0\r\nHost: localhost\r\nConnection: Keep-Alive\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\nConnection: close\r\n");
    }

    @Test
    void newerClientsGetChunks() {
        try (RawClient client = new RawClient(server.port())) {
            byte[] request = RawClient.request("/v1/completions", BODY.formatted("true"));
            for (int time = 0; time < 2; time++) {
                String answer = client.send(request).answer();
                assertThat(answer)
                        .contains("\r\nTransfer-Encoding: chunked\r\n")
                        .endsWith("data: [DONE]\n\n");
            }
        }
    }
}
