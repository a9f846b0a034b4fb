package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A trained model from elsewhere writes the same tokens everywhere: in the command, through the server and its
/// streams, in llama.cpp (with `-Pllama`), and after export and import.
class TrainedModelTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int RANDOM_TEXTS = 2_000;

    @TempDir
    private Path folder = Path.of("");

    private Path exported(Path model) {
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        return gguf;
    }

    @Test
    @Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void itWritesTheSameWhereverItGoes() throws IOException, InterruptedException {
        Path model = TrainedModel.importedTo(folder.resolve("model"));
        List<Integer> ids = TrainedModel.writtenBy(model);
        assertThat(ids).startsWith(TrainedModel.beginning().toArray(Integer[]::new));
        assertServedTheSame(model, ids);
        Path hf = folder.resolve("hf");
        CommandRun.of("export", "--model", model, "--format", "hf", "--out", hf).succeeds();
        assertThat(TrainedModel.writtenBy(hf)).isEqualTo(ids);
        Path back = folder.resolve("back");
        CommandRun.of("import", exported(model), "--out", back).succeeds();
        Parity.assertSameTensors("back", back, model);
        assertThat(back.resolve("tokenizer.json")).hasSameBinaryContentAs(model.resolve("tokenizer.json"));
        assertThat(TrainedModel.writtenBy(back)).isEqualTo(ids);
        assertServedTheSame(back, ids);
    }

    @Test
    @Tag("llama")
    void llamaCppWritesTheSame() throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        Path model = TrainedModel.importedTo(folder.resolve("model"));
        List<Integer> ids = TrainedModel.writtenBy(model);
        Path gguf = exported(model);
        float[] theirs = TrainedModel.assertWrittenByLlama(llama, gguf, ids);
        Parity.assertAlike("stories260K", model, TrainedModel.behindBeginning(ids), theirs);
        Tokenizer tokenizer = Tokenizer.load(model.resolve("tokenizer.json"));
        List<String> texts = texts();
        List<int[]> tokens = llama.tokens(gguf, texts);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.encode(texts.get(i))).as(texts.get(i)).isEqualTo(tokens.get(i));
        }
    }

    private static List<String> texts() {
        List<String> texts = new ArrayList<>(List.of(TrainedModel.TEXT, " two  spaces ", "Zoë 日本 🙂", "a\nb\tc"));
        Random random = new Random(7);
        for (int i = 0; i < RANDOM_TEXTS; i++) {
            texts.add(random.ints(1 + random.nextInt(40), 0, 96)
                    .mapToObj(c -> c == 95 ? "é" : Character.toString(' ' + c))
                    .collect(Collectors.joining()));
        }
        return texts;
    }

    /// After a part of the known text, the complete answer and the streamed answer are as expected.
    private static void assertServedTheSame(Path model, List<Integer> ids) throws IOException, InterruptedException {
        Tokenizer tokenizer = Tokenizer.load(model.resolve("tokenizer.json"));
        int given = 9;
        int[] prompt = ids.subList(0, given).stream().mapToInt(i -> i).toArray();
        List<Integer> following = ids.subList(given, ids.size());
        String beginning = tokenizer.decode(prompt);
        try (ServeProcess server = ServeProcess.start(model);
                HttpClient client = HttpClient.newHttpClient()) {
            JsonNode whole = JSON.readTree(complete(client, server, beginning, following.size(), false))
                    .at("/choices/0");
            assertThat(numbers(whole.path("token_ids"))).isEqualTo(following);
            assertThat(beginning + whole.path("text").stringValue()).startsWith(TrainedModel.TEXT.strip());
            List<JsonNode> pieces = complete(client, server, beginning, following.size(), true)
                    .lines()
                    .filter(line -> line.startsWith("data: {"))
                    .map(line -> JSON.readTree(line.substring(6)).at("/choices/0"))
                    .toList();
            assertThat(pieces.stream()
                            .map(piece -> piece.path("text").stringValue(""))
                            .collect(Collectors.joining()))
                    .isEqualTo(whole.path("text").stringValue());
            assertThat(pieces.stream()
                            .flatMap(piece -> numbers(piece.path("token_ids")).stream())
                            .toList())
                    .isEqualTo(following);
            assertThat(pieces).hasSizeGreaterThan(10);
        }
    }

    private static List<Integer> numbers(JsonNode list) {
        return list.values().stream().map(JsonNode::intValue).toList();
    }

    private static String complete(HttpClient client, ServeProcess server, String prompt, int tokens, boolean stream)
            throws IOException, InterruptedException {
        String body = JSON.createObjectNode()
                .put("model", "small")
                .put("prompt", prompt)
                .put("max_tokens", tokens)
                .put("temperature", 0)
                .put("return_token_ids", true)
                .put("stream", stream)
                .toString();
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.base() + "/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }
}
