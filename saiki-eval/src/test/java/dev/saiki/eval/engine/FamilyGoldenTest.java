package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.NextToken;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Hugging Face folders, one for each way in which a family differs: LibTorch and the engine compute the same
/// results as `golden/reference/families.py`. The texts are longer than every attention window and than the
/// original context of scaled positions.
class FamilyGoldenTest {

    private static final Path GOLDEN = Path.of("..", "golden", "families");
    private static final double TOLERANCE = 1e-4;

    static List<String> folders() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            return folders.map(folder -> String.valueOf(folder.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void libTorchComputesWhatTheReferenceDoes(String name) throws IOException {
        Expected expected = Expected.read(name);
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(GOLDEN.resolve(name)));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            float[] logprobs = scorer.score(List.of(expected.ids()), ScoreOptions.CAUSAL)
                    .getFirst()
                    .logprobs();
            float[] logits =
                    NextToken.after(scorer, expected.ids(), ScoreOptions.CAUSAL).logits();

            assertThat(largestDifference(expected.logprobs(), widened(logprobs)))
                    .isLessThan(TOLERANCE);
            for (int id = 0; id < logits.length; id++) {
                assertThat(Math.abs(logits[id] - expected.lastLogits()[id])).isLessThan(TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("folders")
    void theEngineComputesWhatTheReferenceDoes(String name) throws IOException {
        Expected expected = Expected.read(name);
        for (int chunk : List.of(1, 7, 128)) {
            EngineOptions options = EngineOptions.builder()
                    .threads(2)
                    .weights(WeightFormat.FLOAT32)
                    .chunkTokens(chunk)
                    .build();
            try (Engine engine = Engine.open(CheckpointDirectory.open(GOLDEN.resolve(name)), Opened.BYTES, options)) {
                double[] logprobs =
                        engine.score(expected.ids(), RouteSettings.MODEL).join().logprobs();

                assertThat(largestDifference(expected.logprobs(), logprobs))
                        .as("chunks of %d", chunk)
                        .isLessThan(TOLERANCE);
            }
        }
    }

    private static double[] widened(float[] numbers) {
        double[] wide = new double[numbers.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = numbers[i];
        }
        return wide;
    }

    /// The first id has no log-probability.
    private static double largestDifference(double[] expected, double[] actual) {
        assertThat(actual).hasSize(expected.length + 1);
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i] - actual[i + 1]));
        }
        return largest;
    }

    /// Results of the reference.
    ///
    /// @param ids the text
    /// @param logprobs the log-probability of each id but the first, given the ids before it
    /// @param lastLogits the logits after the last id
    @SuppressWarnings("ArrayRecordComponent") // A carrier that nothing compares.
    private record Expected(int[] ids, double[] logprobs, double[] lastLogits) {

        static Expected read(String name) throws IOException {
            JsonNode json = JsonMapper.builder()
                    .build()
                    .readTree(Files.readString(GOLDEN.resolve(name).resolve("expected.json")));
            return new Expected(
                    Arrays.stream(numbers(json.get("ids")))
                            .mapToInt(id -> (int) id)
                            .toArray(),
                    numbers(json.get("logprobs")),
                    numbers(json.get("last_logits")));
        }

        private static double[] numbers(JsonNode list) {
            double[] numbers = new double[list.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = list.get(i).doubleValue();
            }
            return numbers;
        }
    }
}
