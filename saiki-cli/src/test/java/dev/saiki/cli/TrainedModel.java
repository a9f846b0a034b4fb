package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The small trained model of this repository, and the beginning of the text that it writes greedily.
final class TrainedModel {

    /// The maximum number of tokens to generate.
    static final int TOKENS = 200;

    /// The beginning of the text that the model must write.
    static final String TEXT =
            " Once upon a time, there was a little girl named Lily. She loved to play outside in the park.";

    private static final Path FOLDER = Path.of("..", "golden", "stories260k");

    private TrainedModel() {}

    /// The first tokens that the model must write, by another implementation.
    static List<Integer> beginning() {
        try (SafetensorsFile expected = SafetensorsFile.open(FOLDER.resolve("expected.safetensors"))) {
            return Arrays.stream(expected.tensor("ids").toLongs())
                    .skip(1)
                    .limit(TOKENS)
                    .mapToObj(Math::toIntExact)
                    .toList();
        }
    }

    /// Imports the model.
    static Path importedTo(Path model) {
        CommandRun.of("import", FOLDER.resolve("checkpoint"), "--out", model).succeeds();
        return model;
    }

    /// The tokens that a copy of the model generates from an empty prompt; their text must begin as expected.
    ///
    /// @param options further options of the command
    static List<Integer> writtenBy(Path model, Object... options) {
        List<Object> words = new ArrayList<>(
                List.of("generate", "--model", model, "--prompt", "", "--temperature", 0, "--max-tokens", TOKENS));
        words.addAll(List.of(options));
        words.add("--json");
        JsonNode result = JsonMapper.shared()
                .readTree(CommandRun.of(words.toArray()).succeeds().out());
        assertThat(result.path("text").stringValue()).startsWith(TEXT);
        return result.path("tokens").values().stream()
                .map(token -> token.path("id").intValue())
                .toList();
    }

    /// Fails unless llama.cpp finds each token the likeliest after the tokens before it, as greedy decoding
    /// requires.
    ///
    /// @param ids the tokens after the beginning-of-text token
    /// @return llama.cpp's logits of the beginning-of-text token and the ids
    static float[] assertWrittenByLlama(LlamaCpp llama, Path gguf, List<Integer> ids) throws IOException {
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
