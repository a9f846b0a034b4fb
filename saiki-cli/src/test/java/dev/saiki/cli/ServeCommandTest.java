package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServeCommandTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void makeModel() {
        model = Workbench.in(folder).model();
    }

    @Test
    void aModelThatIsMissingIsNamed() {
        CommandRun.of("serve", "--model", folder.resolve("absent")).isRefused("absent", "no such folder");
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandRun.of("serve", "--model", model, "--port", taken.getLocalPort())
                    .isRefused("port " + taken.getLocalPort() + " of 127.0.0.1", "is in use");
        }
    }

    /// SIGHUP is ignored, as under `nohup`.
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whereSighupIsIgnoredItSaysSoAndReloadsOverHttp() throws IOException, InterruptedException {
        try (ServeProcess server = ServeProcess.startWithoutHangUp(model, "--admin");
                HttpClient client = HttpClient.newHttpClient()) {
            assertThat(server.lineWith("SIGHUP ")).contains("is ignored", "/admin/reload");
            server.hangUp();
            URI reload = URI.create(server.base()).resolve("/admin/reload");
            HttpRequest request = HttpRequest.newBuilder(reload)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            server.terminate();
            assertThat(server.saidUntilItsEnd()).noneMatch(line -> line.startsWith("reloaded: "));
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void itAnswersAndReloadsUntilItIsToldToEnd() throws IOException, InterruptedException {
        assumeTrue(TestProcess.hearHangUp(), "SIGHUP is ignored here, and nothing can change it for a server");
        try (ServeProcess server = ServeProcess.start(model)) {
            try (InputStream models =
                    URI.create(server.base() + "/models").toURL().openStream()) {
                assertThat(new String(models.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("\"id\":\"small\"");
            }
            server.hangUp();
            assertThat(server.lineWith("reloaded: ")).endsWith(" is served");
            Files.move(model.resolve("config.json"), model.resolve("config.moved"));
            server.hangUp();
            assertThat(server.lineWith("not reloaded, the previous model stays: "))
                    .contains("config.json");
            Files.move(model.resolve("config.moved"), model.resolve("config.json"));
            server.terminate();
            assertThat(server.saidUntilItsEnd()).containsExactly("stopping: running answers are finished first");
        }
    }

    /// Machines read the log: each message is one JSON object, with the id of its request.
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyLineOfALogInJsonIsOne() throws IOException, InterruptedException {
        try (ServeProcess server = ServeProcess.start(model, "--log-format", "json", "--access-log")) {
            URL models = URI.create(server.base() + "/models").toURL();
            URLConnection asked = models.openConnection();
            asked.setRequestProperty("X-Request-Id", "asked-by-a-test");
            asked.getInputStream().close();
            String request = server.lineWith("127.0.0.1 ");
            assertThat(request).matches("127\\.0\\.0\\.1 - \"GET /v1/models\" 200 \\d+ bytes [\\d.]+ ms");
            asked = models.openConnection();
            asked.setRequestProperty("X-Request-Id", "asked-again");
            asked.getInputStream().close();
            server.terminate();
            List<JsonNode> lines =
                    server.saidUntilItsEnd().stream().map(JSON::readTree).toList();
            JsonNode again = lines.getFirst();
            assertThat(again.at("/mdc/request_id").stringValue()).isEqualTo("asked-again");
            assertThat(again.get("kvpList").toString()).contains("\"status\"", "/v1/models");
            assertThat(lines.getLast().get("formattedMessage").stringValue())
                    .isEqualTo("stopping: running answers are finished first");
            assertThat(lines)
                    .allSatisfy(line ->
                            assertThat(line.get("timestamp").isIntegralNumber()).isTrue());
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void whyThereIsNoServerIsAnObjectTooInALogInJson() throws IOException, InterruptedException {
        Path absent = folder.resolve("absent");
        for (List<String> wrong :
                List.of(List.of("--log-format", "json"), List.of("--log-format=JSON", "--max-waiting", "many"))) {
            TestProcess.Ended failed = ServeProcess.failing(absent, wrong.toArray(String[]::new));
            assertThat(failed.exitCode()).isEqualTo(2);
            JsonNode line = JSON.readTree(failed.output());
            assertThat(failed.output().lines()).hasSize(1);
            assertThat(line.get("level").stringValue()).isEqualTo("ERROR");
            assertThat(line.get("formattedMessage").stringValue())
                    .contains(wrong.contains("many") ? "--max-waiting must be a whole number" : "absent");
        }
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPlainLogHasTimes() throws IOException, InterruptedException {
        try (ServeProcess server = ServeProcess.start(model, "--access-log")) {
            URI.create(server.base() + "/models").toURL().openStream().close();
            String line = server.lineWith("20");
            assertThat(line)
                    .matches(
                            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  127\\.0\\.0\\.1 - "
                                    + "\"GET /v1/models\" 200 \\d+ bytes [\\d.]+ ms request [0-9a-f-]{36}");
        }
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        CommandRun.of("serve", "--model", "a=" + model, "--model", "a=" + model)
                .isRefused("two models have the name a", "--model NAME=DIR");
        CommandRun.of("serve", "--model", model, "--model", "b=" + model, "--name", "c")
                .isRefused("--name is for a single model");
        CommandRun.of("serve", "--model", "a=" + model, "--name", "b")
                .isRefused("two names, a in --model and b in --name");
        CommandRun.of("serve", "--model", "a=" + model, "--model", "b=" + model, "--cache-mib", 8, "--memory-mib", 8)
                .isRefused("weights of a ", ", b ", "keys and values 8", "limit of --memory-mib", "--weights bfloat16");
        CommandRun.of("serve", "--model", model, "--memory-mib", 0).isRefused("--memory-mib must be at least 1");
        CommandRun.of("serve", "--model", model, "--port", 65_536).isRefused("from 0 to 65535", "65536");
        CommandRun.of("serve", "--model", model, "--request-seconds", 0)
                .isRefused("time limit of a request must be positive");
        CommandRun.of("serve", "--model", model, "--drain-seconds", -1).isRefused("--drain-seconds", "-1");
        CommandRun.of("serve", "--model", model, "--max-body-bytes", 0).isRefused("the limit on a body", "got 0");
        CommandRun.of("serve", "--model", model, "--drift-limit", 2).isRefused("drift limit", "2.0");
        CommandRun.of("serve", "--model", model, "--breaker-window", 3).isRefused("at least 32", "got 3");
        CommandRun.of("serve", "--model", model, "--shed-floor", 0).isRefused("floor of load shedding", "got 0");
        CommandRun.of("serve", "--model", model, "--shed-from", 1).isRefused("share of the queue", "got 1");
        CommandRun.of("serve", "--model", model, "--target-first-token", -1)
                .isRefused("--target-first-token must be from 0 to 3600", "-1");
        CommandRun.of("serve", "--model", model, "--warm-up-seconds", -1)
                .isRefused("--warm-up-seconds must be from 0 to 3600", "-1");
        CommandRun.of("serve", "--model", model, "--rescore-fraction", 2).isRefused("from 0 to 1", "got 2");
        CommandRun.of("serve", "--model", model, "--effort-evidence", folder)
                .isRefused("--effort-evidence needs --effort certified");
        CommandRun.of("serve", "--model", model, "--max-choices", 0).isRefused("choices", "got 0");
        CommandRun.of("serve", "--model", model, "--max-answer-tokens", 0).isRefused("answers", "got 0");
        CommandRun.of("serve", "--model", model, "--max-connections", 0).isRefused("connections", "got 0");
        CommandRun.of("serve", "--model", model, "--host", "nowhere.invalid").isRefused("nowhere.invalid");
    }

    @Test
    void keysThatCannotBeReadAreNamed() {
        CommandRun.of("serve", "--model", model, "--api-keys", folder.resolve("keys"))
                .isRefused("keys", "no such file");
        Workbench.write(folder.resolve("bad-keys"), "team secret\n");
        CommandRun.of("serve", "--model", model, "--api-keys", folder.resolve("bad-keys"))
                .isRefused("bad-keys, line 1", "SHA-256");
    }

    @Test
    void halfOrWrongProofForTlsIsRefused() {
        Path file = folder.resolve("no-certificate.pem");
        Workbench.write(file, "no certificate\n");
        CommandRun.of("serve", "--model", model, "--tls-key", file).isRefused("must be given together");
        CommandRun.of("serve", "--model", model, "--tls-key", file, "--tls-certificate", folder.resolve("absent.pem"))
                .isRefused("absent.pem", "no such file");
        CommandRun.of("serve", "--model", model, "--port", 0, "--tls-key", file, "--tls-certificate", file)
                .isRefused("no-certificate.pem", "a PEM certificate and its private key");
    }
}
