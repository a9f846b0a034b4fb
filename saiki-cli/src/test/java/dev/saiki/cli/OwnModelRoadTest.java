package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An imported model is deepened, trained on conversations, calibrated, served and exported. At the end its
/// first pass still writes what the imported model wrote.
class OwnModelRoadTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path folder = Path.of("");

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void onePassWritesAtTheEndOfTheRoadWhatTheBaseWrote() throws IOException, InterruptedException {
        Path base = TrainedModel.importedTo(folder.resolve("base"));
        List<Integer> ids = TrainedModel.writtenBy(base);
        Path calibrated = road(base);
        assertThat(CommandRun.of("certify", "check", "--model", calibrated)
                        .succeeds()
                        .out())
                .contains("max_depth 1 equals the base");
        assertThat(TrainedModel.writtenBy(calibrated, "--effort", 0)).isEqualTo(ids);
        assertServed(calibrated, ids);
        Path back = folder.resolve("back");
        CommandRun.of("import", exported(calibrated), "--out", back).succeeds();
        Parity.assertSameTensors("back", back, base);
        assertThat(TrainedModel.writtenBy(back)).isEqualTo(ids);
    }

    @Test
    @Tag("llama")
    void llamaCppWritesAtTheEndOfTheRoadWhatTheBaseWrote() throws IOException {
        Path base = TrainedModel.importedTo(folder.resolve("base"));
        TrainedModel.assertWrittenByLlama(new LlamaCpp(folder), exported(road(base)), TrainedModel.writtenBy(base));
    }

    /// Deepens, trains and calibrates, with so few steps that they only change the weights.
    private Path road(Path base) throws IOException {
        OwnModelRuns runs = new OwnModelRuns(folder);
        Path texts = runs.texts(9_000);
        Path deepened = folder.resolve("deepened");
        runs.train("deepen", base, deepened, "data.dataset=" + runs.data(texts, base));
        Path taught = folder.resolve("taught");
        runs.train(
                "finetune-chat",
                deepened,
                taught,
                "data.conversations.path=" + runs.conversations(),
                "optimizer.trained=[model.step_gates, model.routers.*, model.layers.*.steps.*]");
        assertThat(CommandRun.of("eval", "score", "--model", taught, "--effort", "1", "--text", "the captain", "--json")
                        .succeeds()
                        .out())
                .isNotEqualTo(CommandRun.of(
                                "eval",
                                "score",
                                "--model",
                                deepened,
                                "--effort",
                                "1",
                                "--text",
                                "the captain",
                                "--json")
                        .succeeds()
                        .out());
        Path calibrated = folder.resolve("calibrated");
        CommandRun.of("calibrate", "--model", taught, "--data", texts, "--tokens", 100_000, "--out", calibrated)
                .succeeds();
        return calibrated;
    }

    private Path exported(Path model) {
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--max-depth", 1, "--out", gguf)
                .succeeds();
        return gguf;
    }

    /// Fails unless the server at effort 0 writes what the base wrote.
    private static void assertServed(Path model, List<Integer> ids) throws IOException, InterruptedException {
        try (ServeProcess server = ServeProcess.start(model);
                HttpClient client = HttpClient.newHttpClient()) {
            String beginning = Tokenizer.load(model.resolve("tokenizer.json"))
                    .decode(ids.subList(0, 9).stream().mapToInt(i -> i).toArray());
            List<Integer> following = ids.subList(9, ids.size());
            assertThat(complete(client, server, beginning, following.size(), 0)).isEqualTo(following);
            assertThat(complete(client, server, beginning, following.size(), 1)).isNotEmpty();
            HttpResponse<String> version = client.send(
                    HttpRequest.newBuilder(URI.create(server.base().replace("/v1", "/version")))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(JSON.readTree(version.body()).at("/model/one_pass/state").stringValue())
                    .isEqualTo("exact");
        }
    }

    private static List<Integer> complete(
            HttpClient client, ServeProcess server, String prompt, int tokens, double effort)
            throws IOException, InterruptedException {
        String body = JSON.writeValueAsString(Map.of(
                "model",
                "small",
                "prompt",
                prompt,
                "max_tokens",
                tokens,
                "temperature",
                0,
                "effort",
                effort,
                "return_token_ids",
                true));
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(server.base() + "/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode choice = JSON.readTree(answer.body()).at("/choices/0");
        return choice.path("token_ids").values().stream()
                .map(JsonNode::intValue)
                .toList();
    }
}
