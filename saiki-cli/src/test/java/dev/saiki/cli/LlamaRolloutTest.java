package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/// A rollout from llama.cpp with an exported model to Saiki with the same model, and back after Saiki was
/// killed. Runs with `-Pllama`, see {@link LlamaOracleTest}.
@Tag("llama")
class LlamaRolloutTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void fromLlamaCppToSaikiByPlanAndBackWhenItIsGone(TestReporter reporter) throws Exception {
        Path model = folder.resolve("stories");
        TrainedModel.importedTo(model);
        Path gguf = folder.resolve("stories.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        try (TestProcess baseline = LlamaCpp.endpoint(gguf);
                ServeProcess candidate = ServeProcess.start(model)) {
            int port = port(baseline);
            Path plan = Files.writeString(folder.resolve("plan.yaml"), plan(port, candidate));
            try (GatewayProcess gateway = GatewayProcess.start(plan);
                    FaultClients clients = FaultClients.start(gateway, () -> answered(port), candidate::answered)) {
                clients.awaitState("full", 2000);
                int toFull = clients.answers().size();
                candidate.kill();
                clients.awaitState("aborted", toFull + 500);
                new RolloutFigures(reporter)
                        .add(
                                "llama.cpp to Saiki",
                                "full after " + toFull + " requests, back after "
                                        + (clients.answers().size() - toFull));
                clients.stop();
                assertThat(clients.answers()).allMatch(GatewayProcess.Answer::isWhole);
                clients.checkBaseline();
            }
        }
    }

    private static String plan(int port, ServeProcess candidate) {
        return """
                model: assistant
                database: gateway.db
                listen: {port: 0}
                baseline: {url: "http://127.0.0.1:%d/v1", model: old}
                candidate: {url: "%s", model: small}
                stages:
                  - {state: shadow, share: 1, conversations: 20}
                  - {state: canary, share: 0.2, conversations: 10}
                  - {state: canary, share: 0.6, conversations: 10}
                  - {state: full}
                promotion: automatic
                gates:
                  - {check: errors, tolerance: 0.1}
                  - {name: same, check: normalised, tolerance: 0.4}
                """.formatted(port, candidate.base());
    }

    private static int port(TestProcess endpoint) throws IOException {
        BufferedReader out = endpoint.process().inputReader();
        String line = out.readLine();
        assertThat(line).startsWith("listening at ");
        return Integer.parseInt(line.substring("listening at ".length()));
    }

    private static long answered(int port) throws IOException, InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + port + "/answers");
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Long.parseLong(
                    http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                            .body());
        }
    }
}
