package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A trained model from elsewhere writes what it wrote before, token by token, wherever it goes: in the command,
/// through the server and its streams, in llama.cpp (with `-Pllama`), and after it went out and came in again.
class TrainedModelTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int RANDOM_TEXTS = 2_000;

    @TempDir
    private Path folder = Path.of("");

    /// A model of llama2.c and what it is known to write.
    enum Trained {
        /// The small one of this project, in float32.
        STORIES_260K(
                "stories260K.bin",
                "tok512.bin",
                200,
                " Once upon a time, there was a little girl named Lily. She loved to play outside in the park."),

        /// A larger one in eight bits, which may not be given away: `-Dstories3M=FOLDER` says where it is.
        STORIES_3M(
                "stories3M-q80.bin",
                "tok4096.bin",
                60,
                " Once upon a time, there was a little girl named Lily. She loved to play outside in the sunshine."
                        + " One day, she went to the park with her mom. They saw a big tree with lots of leaves.");

        private final String model;
        private final String vocabulary;
        private final int tokens;
        private final String text;

        Trained(String model, String vocabulary, int tokens, String text) {
            this.model = model;
            this.vocabulary = vocabulary;
            this.tokens = tokens;
            this.text = text;
        }

        /// Where it is, if it is there.
        Optional<Path> folder() {
            String named = System.getProperty("stories3M", "");
            return switch (this) {
                case STORIES_260K -> Optional.of(Path.of("..", "golden", "stories260k"));
                case STORIES_3M -> named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
            };
        }

        /// The first tokens that it is known to write.
        List<Integer> beginning(Path folder) {
            return switch (this) {
                case STORIES_260K -> {
                    try (SafetensorsFile expected = SafetensorsFile.open(folder.resolve("expected.safetensors"))) {
                        yield Arrays.stream(expected.tensor("ids").toLongs())
                                .skip(1)
                                .limit(tokens)
                                .mapToObj(Math::toIntExact)
                                .toList();
                    }
                }
                case STORIES_3M -> List.of(403, 407, 261, 378, 4016, 383, 286, 261, 376, 445, 395, 317, 4010);
            };
        }
    }

    /// What a model writes behind nothing, by the command.
    private static List<Integer> written(Path model, Trained trained) {
        JsonNode result = JSON.readTree(CommandRun.of(
                        "generate",
                        "--model",
                        model,
                        "--prompt",
                        "",
                        "--temperature",
                        0,
                        "--max-tokens",
                        trained.tokens,
                        "--json")
                .succeeds()
                .out());
        assertThat(result.path("text").stringValue()).startsWith(trained.text);
        return result.path("tokens").values().stream()
                .map(token -> token.path("id").intValue())
                .toList();
    }

    private Path imported(Trained trained) {
        Optional<Path> place = trained.folder();
        assumeTrue(place.isPresent(), "no -Dstories3M=FOLDER with stories3M-q80.bin and tok4096.bin");
        Path source = place.orElseThrow();
        Path model = folder.resolve("model");
        CommandRun.of(
                        "import",
                        source.resolve(trained.model),
                        "--vocabulary",
                        source.resolve(trained.vocabulary),
                        "--out",
                        model)
                .succeeds();
        return model;
    }

    private Path exported(Path model) {
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        return gguf;
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void itWritesTheSameWhereverItGoes(Trained trained) throws IOException, InterruptedException {
        Path model = imported(trained);
        List<Integer> ids = written(model, trained);
        assertThat(ids)
                .startsWith(trained.beginning(trained.folder().orElseThrow()).toArray(Integer[]::new));
        assertServedTheSame(model, trained, ids);
        Path hf = folder.resolve("hf");
        CommandRun.of("export", "--model", model, "--format", "hf", "--out", hf).succeeds();
        assertThat(written(hf, trained)).isEqualTo(ids);
        Path back = folder.resolve("back");
        CommandRun.of("import", exported(model), "--out", back).succeeds();
        Parity.assertSameTensors("back", back, model);
        assertThat(back.resolve("tokenizer.json")).hasSameBinaryContentAs(model.resolve("tokenizer.json"));
        assertThat(written(back, trained)).isEqualTo(ids);
        assertServedTheSame(back, trained, ids);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("llama")
    void llamaCppWritesTheSame(Trained trained) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        Path model = imported(trained);
        List<Integer> ids = written(model, trained);
        Path gguf = exported(model);
        int[] sequence =
                IntStream.concat(IntStream.of(1), ids.stream().mapToInt(i -> i)).toArray();
        float[] theirs = llama.logits(gguf, sequence);
        int vocabulary = theirs.length / sequence.length;
        // Each token is the likeliest behind those before it, which is what greedy writing is.
        for (int at = 0; at < ids.size(); at++) {
            int best = 0;
            for (int id = 1; id < vocabulary; id++) {
                best = theirs[at * vocabulary + id] > theirs[at * vocabulary + best] ? id : best;
            }
            assertThat(best).as("token %d", at).isEqualTo(ids.get(at));
        }
        Parity.assertAlike(trained.name(), model, sequence, theirs);
        Tokenizer tokenizer = Tokenizer.load(model.resolve("tokenizer.json"));
        List<String> texts = texts(trained);
        List<int[]> tokens = llama.tokens(gguf, texts);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(tokenizer.encode(texts.get(i))).as(texts.get(i)).isEqualTo(tokens.get(i));
        }
    }

    private static List<String> texts(Trained trained) {
        List<String> texts = new ArrayList<>(List.of(trained.text, " two  spaces ", "Zoë 日本 🙂", "a\nb\tc"));
        Random random = new Random(7);
        for (int i = 0; i < RANDOM_TEXTS; i++) {
            texts.add(random.ints(1 + random.nextInt(40), 0, 96)
                    .mapToObj(c -> c == 95 ? "é" : Character.toString(' ' + c))
                    .collect(Collectors.joining()));
        }
        return texts;
    }

    /// The whole answer, and the same in pieces, behind a part of the known text.
    private static void assertServedTheSame(Path model, Trained trained, List<Integer> ids)
            throws IOException, InterruptedException {
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
            assertThat(beginning + whole.path("text").stringValue()).startsWith(trained.text.strip());
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
