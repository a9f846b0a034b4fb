package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that other sites' pages can send to a server without keys.
class ForeignPagesTest {

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
    @ValueSource(
            strings = {
                "Host: 127.0.0.1:8080",
                "Host: localhost",
                "Host: LOCALHOST:1",
                "Host: saiki.localhost:8080",
                "Host: [::1]:8080",
                "Host: 127.0.0.1:8080\r\nOrigin: http://127.0.0.1:8080",
                "Host: localhost\r\nOrigin: https://localhost"
            })
    void thisMachineAndItsOwnPagesAreAnswered(String headers) {
        assertThat(status(headers)).isEqualTo("200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: 127.0.0.1:8080\r\nOrigin: https://attacker.example",
                "Host: 127.0.0.1:8080\r\nOrigin: http://127.0.0.1:9090",
                "Host: 127.0.0.1:8080\r\nOrigin: null",
                "Host: attacker.example:8080",
                "Host: attacker.example\r\nOrigin: http://attacker.example",
                "Host: localhost.attacker.example",
                "Host: 127.0.0.1.attacker.example"
            })
    void otherSitesAreRefused(String headers) {
        assertThat(answer(headers)).startsWith("HTTP/1.1 403").contains("\"foreign_page\"");
    }

    private static String status(String headers) {
        return answer(headers).substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
    }

    private static String answer(String headers) {
        String body = "{\"prompt\":\"a\",\"max_tokens\":1}";
        String request = "POST /v1/completions HTTP/1.1\r\n" + headers
                + "\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
        try (RawClient client = new RawClient(server.port())) {
            return client.send(request.getBytes(StandardCharsets.US_ASCII)).answer();
        }
    }
}
