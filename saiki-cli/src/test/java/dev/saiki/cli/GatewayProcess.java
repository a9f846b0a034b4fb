package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `saiki rollout serve` in a process of its own, and its clients.
final class GatewayProcess implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final TestProcess started;
    private final int port;

    /// The outcome of a client's request.
    ///
    /// @param status the HTTP status; 0 if none arrived
    /// @param side the side that answered; empty if the answer does not name it
    /// @param body the received text
    record Answer(int status, String side, String body) {

        /// Whether the answer is complete.
        boolean isWhole() {
            return status == 200
                    && (body.startsWith("data:")
                            ? body.endsWith("data: [DONE]\n\n") && !body.contains("\"error\"")
                            : hasText());
        }

        /// Whether the answer is a single error with a message.
        boolean isClearError() {
            return (status >= 500 || body.startsWith("data:"))
                    && body.split("\"error\":\\{\"message\":\"", -1).length == 2;
        }

        private boolean hasText() {
            try {
                return JSON.readTree(body).at("/choices/0/text").isString();
            } catch (JacksonException cutOff) {
                return false;
            }
        }
    }

    private GatewayProcess(TestProcess started, int port) {
        this.started = started;
        this.port = port;
    }

    /// Starts a gateway, and waits until it listens.
    static GatewayProcess start(Path plan) throws IOException {
        TestProcess started = TestProcess.start(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.saiki.cli.Main",
                "rollout",
                "serve",
                "--plan",
                plan.toString()));
        BufferedReader err = started.process().errorReader();
        StringBuilder said = new StringBuilder();
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith("the gateway is at ")) {
                GatewayProcess gateway =
                        new GatewayProcess(started, Integer.parseInt(line.replaceFirst(".*:(\\d+)/v1.*", "$1")));
                // Nothing else empties the pipe, and a full pipe would block the gateway.
                Thread.ofVirtual().start(() -> err.lines().forEach(_ -> {}));
                return gateway;
            }
        }
        started.close();
        throw new AssertionError("the gateway ended early: " + said);
    }

    int port() {
        return port;
    }

    long pid() {
        return started.process().pid();
    }

    /// Kills the gateway without warning.
    void kill() throws InterruptedException {
        started.process().destroyForcibly().waitFor();
    }

    /// Requests a completion; a connection that ends early is an answer of status 0.
    Answer ask(String conversation, String prompt, boolean streams) throws InterruptedException {
        return ask(address("/v1/completions"), "assistant", conversation, prompt, streams);
    }

    /// Requests a completion from any endpoint; a connection that ends early is an answer of status 0.
    static Answer ask(URI endpoint, String model, String conversation, String prompt, boolean streams)
            throws InterruptedException {
        String body = JSON.createObjectNode()
                .put("model", model)
                .put("prompt", prompt)
                .put("max_tokens", 16)
                .put("temperature", 0)
                .put("stream", streams)
                .toString();
        HttpRequest request = HttpRequest.newBuilder(endpoint)
                .header("Content-Type", "application/json")
                .header("X-Conversation-Id", conversation)
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("X-Saiki-Side").orElse(""),
                    response.body());
        } catch (IOException e) {
            return new Answer(0, "", String.valueOf(e));
        }
    }

    private URI address(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static String get(URI address) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address).timeout(PATIENCE).build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(address(path)));
    }

    /// Moves the rollout: `pause`, `resume`, `abort` or `promote`.
    void move(String word, String reason) throws IOException, InterruptedException {
        String body = JSON.createObjectNode().put("reason", reason).toString();
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(address("/rollout/" + word))
                        .header("Content-Type", "application/json")
                        .timeout(PATIENCE)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    String state() throws IOException, InterruptedException {
        return get("/health").path("state").stringValue("");
    }

    /// The newest decision, with its evidence.
    JsonNode lastDecision() throws IOException, InterruptedException {
        return get("/rollout/decisions?limit=1").path("data").path(0);
    }

    /// The sum of the gateway's series whose names begin with a text.
    long count(String beginning) throws IOException, InterruptedException {
        return count(address("/metrics"), beginning);
    }

    /// The sum of a server's series whose names begin with a text.
    static long count(URI metrics, String beginning) throws IOException, InterruptedException {
        return Math.round(get(metrics)
                .lines()
                .filter(line -> line.startsWith(beginning))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum());
    }

    @Override
    public void close() {
        started.close();
    }
}
