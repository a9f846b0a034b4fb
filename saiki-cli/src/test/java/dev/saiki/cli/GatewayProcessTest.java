package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Exchange;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A gateway in a process of its own, in front of a scripted baseline and of a real server as candidate.
class GatewayProcessTest {

    private static final Pattern TABLE_OF_DEPTHS = Pattern.compile("tenant +kind +answers +mean depth");

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final String PLAN = """
            model: assistant
            database: gateway.db
            listen: {port: %d}
            baseline: {url: "%s", model: old, answer: 20s}
            candidate: {url: "%s", model: small, first_byte: 10s, answer: 20s}
            stages:
              - {state: shadow, share: 1, conversations: 5}
              - {state: canary, share: 0.5, conversations: 5}
              - {state: certified, share: 0.8, conversations: 5}
              - {state: full}
            promotion: automatic
            gates:
              - {check: errors, tolerance: 0.5, cut_off: false}
            evidence: {time: 40s}
            """;

    @TempDir
    private Path folder;

    private int asked;

    @Test
    void fromShadowToFullThroughAKillAndBackWhenTheCandidateIsGone() throws Exception {
        Path model = Workbench.in(folder).model();
        try (ExchangeServer baseline = baseline();
                ServeProcess candidate = ServeProcess.start(model)) {
            Path plan = plan(0, baseline, candidate);
            List<String> sides;
            int port;
            try (TestProcess gateway = start(plan)) {
                port = port(gateway);
                askUntil(port, "canary");
                sides = sides(port);
                gateway.process().destroyForcibly().waitFor();
            }
            try (TestProcess gateway = start(plan(port, baseline, candidate))) {
                assertThat(port(gateway)).isEqualTo(port);
                assertThat(state(port)).isNotEqualTo("shadow");
                if (state(port).equals("canary")) {
                    assertThat(sides(port)).isEqualTo(sides);
                }
                askUntil(port, "full");
                askUntilDepthsAreTold(port);
                assertThat(ask(port, "last", true).headers().firstValue("X-Saiki-Side"))
                        .contains("candidate");
                candidate.terminate();
                askUntil(port, "aborted");
                JsonNode status = CommandRun.of("rollout", "status", "--json", "--gateway", address(port))
                        .succeeds()
                        .json();
                assertThat(status.path("decisions").path(0).path("reason").stringValue())
                        .contains("gate errors");
                CommandRun.of("rollout", "promote", "--reason", "mended", "--gateway", address(port))
                        .succeeds();
                assertThat(state(port)).isEqualTo("shadow");
                CommandRun.of("rollout", "promote", "--reason", "too early", "--gateway", address(port))
                        .isRefused("the next stage waits for");
            }
        }
    }

    @Test
    void itTellsHowLongItWillTakeBeforeItStarts() throws IOException {
        Path plan = Files.writeString(
                folder.resolve("plan.yaml"), PLAN.formatted(0, "http://localhost:1/v1", "http://localhost:2/v1"));
        assertThat(CommandRun.of("rollout", "check", "--plan", plan)
                        .succeeds()
                        .out()
                        .lines())
                .anySatisfy(line -> assertThat(line).matches("errors +0.5 +[0-9]+ +[0-9]+ +[0-9]+ +allowed +allowed"))
                .anySatisfy(line -> assertThat(line).startsWith("errors, in a slice"))
                .anySatisfy(line -> assertThat(line).startsWith("departures"))
                .anySatisfy(line -> assertThat(line).contains("no stage ends before 250 compared conversations"));
        assertThat(folder.resolve("gateway.db")).doesNotExist();
    }

    @Test
    void itTellsWhatElseAStageWaitsFor() throws IOException {
        Path plan = Files.writeString(
                folder.resolve("plan.yaml"),
                PLAN.formatted(0, "http://localhost:1/v1", "http://localhost:2/v1")
                                .replace("gates:", "gates:\n  - {check: webhook, url: \"http://ops.example/judge\"}")
                        + """
                        hours: {zone: Asia/Tokyo, promote: "Mon-Fri 09:00-17:00"}
                        notifications: [{url: "https://chat.example/secret"}]
                        """);
        assertThat(CommandRun.of("rollout", "check", "--plan", plan).succeeds().out())
                .contains(
                        "gate webhook asks ops.example every 60 s; a stage ends only on a pass, and 3 failures in a row"
                                + " cause a retreat")
                .contains("promotions wait for Mon-Fri 09:00-17:00 Asia/Tokyo; retreats do not")
                .contains("decisions and alarms go to chat.example")
                .doesNotContain("secret");
    }

    @Test
    void settingsThatCanNeverPromoteAreNamedBeforeItStarts() throws IOException {
        Path plan = Files.writeString(
                folder.resolve("plan.yaml"),
                PLAN.formatted(0, "http://localhost:1/v1", "http://localhost:2/v1")
                        .replace("tolerance: 0.5", "tolerance: 0"));
        CommandRun.of("rollout", "check", "--plan", plan).isRefused("gate errors: tolerance must be above 0");
    }

    @Test
    void theOldOptionNamesTheCommand() {
        CommandRun.of("rollout", "serve", "--plan", "plan.yaml", "--expect")
                .isRefused("--expect is now a command: saiki rollout check --plan plan.yaml");
    }

    @Test
    void theDrainTimeIsNotNegative() {
        CommandRun.of("rollout", "serve", "--plan", "plan.yaml", "--drain-seconds", "-1")
                .isRefused("--drain-seconds must be from 0 to 1000000, got -1.0");
    }

    private Path plan(int port, ExchangeServer baseline, ServeProcess candidate) throws IOException {
        String base = "http://127.0.0.1:" + baseline.port() + "/v1";
        return Files.writeString(folder.resolve("plan.yaml"), PLAN.formatted(port, base, candidate.base()));
    }

    private static ExchangeServer baseline() {
        return ExchangeServer.start(
                new ListenOptions("127.0.0.1", 0, ConnectionLimits.DEFAULT, Optional.empty()), exchange -> {
                    try {
                        answer(exchange);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private static void answer(Exchange exchange) throws IOException {
        boolean streams =
                new String(exchange.body().readAllBytes(), StandardCharsets.UTF_8).contains("\"stream\":true");
        String choice = "\"choices\":[{\"index\":0,\"%s\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}";
        String body = streams
                ? "data: {\"id\":\"b\"," + choice.formatted("delta") + "\n\ndata: [DONE]\n\n"
                : "{\"id\":\"b\"," + choice.formatted("message");
        exchange.send(200, streams ? "text/event-stream" : "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    private TestProcess start(Path plan) throws IOException {
        return TestProcess.start(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.saiki.cli.Main",
                "rollout",
                "serve",
                "--plan",
                plan.toString()));
    }

    private static int port(TestProcess gateway) throws IOException {
        BufferedReader err = gateway.process().errorReader();
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            if (line.startsWith("the gateway is at ")) {
                return Integer.parseInt(line.replaceFirst(".*:(\\d+)/v1.*", "$1"));
            }
        }
        throw new AssertionError("the gateway ended early");
    }

    /// Sends requests until a state is reached; every request must be answered exactly once.
    private void askUntil(int port, String state) throws IOException, InterruptedException {
        int most = asked + 1500;
        while (!state(port).equals(state)) {
            assertThat(asked).as("requests until %s", state).isLessThan(most);
            HttpResponse<String> response = ask(port, "c" + asked, asked % 2 == 0);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            asked++;
        }
    }

    /// Sends requests until the status contains the table of depths. The table covers the newest run, whose
    /// only request so far may be a stream without usage.
    private void askUntilDepthsAreTold(int port) throws IOException, InterruptedException {
        int most = asked + 100;
        while (!TABLE_OF_DEPTHS.matcher(status(port)).find()) {
            assertThat(asked).as(status(port)).isLessThan(most);
            ask(port, "c" + asked, false);
            asked++;
        }
    }

    private static String status(int port) {
        return CommandRun.of("rollout", "status", "--gateway", address(port))
                .succeeds()
                .out();
    }

    private static List<String> sides(int port) throws IOException, InterruptedException {
        List<String> sides = new ArrayList<>();
        for (int conversation = 0; conversation < 8; conversation++) {
            sides.add(ask(port, "kept" + conversation, false)
                    .headers()
                    .firstValue("X-Saiki-Side")
                    .orElse(""));
        }
        return sides;
    }

    private static HttpResponse<String> ask(int port, String conversation, boolean streams)
            throws IOException, InterruptedException {
        String body = "{\"model\":\"assistant\",\"max_tokens\":4,\"stream\":" + streams
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(address(port) + "/v1/chat/completions"))
                        .header("Content-Type", "application/json")
                        .header("X-Conversation-Id", conversation)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String state(int port) throws IOException, InterruptedException {
        HttpResponse<String> health = HTTP.send(
                HttpRequest.newBuilder(URI.create(address(port) + "/health")).build(),
                HttpResponse.BodyHandlers.ofString());
        return health.body().replaceFirst(".*\"state\":\"([a-z]+)\".*", "$1");
    }

    private static String address(int port) {
        return "http://127.0.0.1:" + port;
    }
}
