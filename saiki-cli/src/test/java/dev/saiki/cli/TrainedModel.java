package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A model of llama2.c and the beginning of the text that it writes greedily.
enum TrainedModel {
    /// The small model in this repository, in float32.
    STORIES_260K(
            "stories260K.bin",
            "tok512.bin",
            200,
            " Once upon a time, there was a little girl named Lily. She loved to play outside in the park."),

    /// A larger 8-bit model, which may not be redistributed; `-Dstories3M=FOLDER` sets its folder.
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

    TrainedModel(String model, String vocabulary, int tokens, String text) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.tokens = tokens;
        this.text = text;
    }

    /// The model's folder, if it exists.
    Optional<Path> folder() {
        String named = System.getProperty("stories3M", "");
        return switch (this) {
            case STORIES_260K -> Optional.of(Path.of("..", "golden", "stories260k"));
            case STORIES_3M -> named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
        };
    }

    /// The first tokens that the model must write.
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

    /// The maximum number of tokens to generate.
    int tokens() {
        return tokens;
    }

    /// The beginning of the text that the model must write.
    String text() {
        return text;
    }

    /// Imports the model, or skips the test with a message if the model is absent.
    Path importedTo(Path model) {
        Optional<Path> place = folder();
        assumeTrue(place.isPresent(), "no -Dstories3M=FOLDER with stories3M-q80.bin and tok4096.bin");
        Path source = place.orElseThrow();
        CommandRun.of("import", source.resolve(this.model), "--vocabulary", source.resolve(vocabulary), "--out", model)
                .succeeds();
        return model;
    }

    /// The tokens that a copy of the model generates from an empty prompt; their text must begin as expected.
    ///
    /// @param options further options of the command
    List<Integer> writtenBy(Path model, Object... options) {
        List<Object> words = new ArrayList<>(
                List.of("generate", "--model", model, "--prompt", "", "--temperature", 0, "--max-tokens", tokens));
        words.addAll(List.of(options));
        words.add("--json");
        JsonNode result = JsonMapper.shared()
                .readTree(CommandRun.of(words.toArray()).succeeds().out());
        assertThat(result.path("text").stringValue()).startsWith(text);
        return result.path("tokens").values().stream()
                .map(token -> token.path("id").intValue())
                .toList();
    }

    /// Fails unless llama.cpp finds each token the likeliest after the tokens before it, as greedy decoding
    /// requires.
    ///
    /// @param ids the tokens after the beginning-of-text token
    /// @return llama.cpp's logits of the beginning-of-text token and the ids
    float[] assertWrittenByLlama(LlamaCpp llama, Path gguf, List<Integer> ids) throws IOException {
        float[] theirs = llama.logits(gguf, behindBeginning(ids));
        int vocabulary = theirs.length / (ids.size() + 1);
        for (int at = 0; at < ids.size(); at++) {
            int best = 0;
            for (int id = 1; id < vocabulary; id++) {
                best = theirs[at * vocabulary + id] > theirs[at * vocabulary + best] ? id : best;
            }
            assertThat(best).as("token %d", at).isEqualTo(ids.get(at));
        }
        return theirs;
    }

    /// The beginning-of-text token, followed by tokens.
    static int[] behindBeginning(List<Integer> ids) {
        return IntStream.concat(IntStream.of(1), ids.stream().mapToInt(i -> i)).toArray();
    }
}
