package dev.saiki.train;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.SafetensorsFile;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Compares the model with real trained weights, converted from another program's format by
/// `golden/stories260k`.
class TrainedWeightsTest {

    private static final Path FOLDER = Path.of("..", "golden", "stories260k");
    private static final int BEGIN = 1;

    @Test
    void logitsOf512TokensEqualTheReference() {
        try (SafetensorsFile expected = SafetensorsFile.open(FOLDER.resolve("expected.safetensors"));
                ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(FOLDER.resolve("checkpoint")));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            int[] ids = Arrays.stream(expected.tensor("ids").toLongs())
                    .mapToInt(Math::toIntExact)
                    .toArray();
            assertThat(ids).hasSize(512);
            assertClose(
                    "logits",
                    scorer.logits(List.of(ids), ScoreOptions.CAUSAL),
                    expected.tensor("logits").toFloats(),
                    1e-4);
            float[] logprobs =
                    scorer.score(List.of(ids), ScoreOptions.CAUSAL).getFirst().logprobs();
            double loss = 0;
            for (int t = 1; t < logprobs.length; t++) {
                loss -= logprobs[t] / (logprobs.length - 1);
            }
            // What the reference computes; 4.1 if the rows of query and key were not reordered for rotate-half.
            assertThat(loss).isCloseTo(0.48683, within(1e-4));
        }
    }

    @Test
    void greedyContinuationIsTheKnownOne() {
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(FOLDER.resolve("checkpoint")));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            int[] ids = {BEGIN};
            for (int i = 0; i < 9; i++) {
                float[] logits = scorer.logits(List.of(ids), ScoreOptions.CAUSAL);
                int first = logits.length - scorer.config().vocabSize();
                int best = 0;
                for (int id = 1; first + id < logits.length; id++) {
                    best = logits[first + id] > logits[first + best] ? id : best;
                }
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = best;
            }
            assertThat(ids).containsExactly(1, 403, 407, 261, 378, 432, 383, 286, 261, 376);
        }
    }
}
