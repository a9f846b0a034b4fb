package dev.saiki.train;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.FullDepth;
import dev.saiki.model.GainSupervision;
import dev.saiki.model.GainTarget;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer.Activations;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.TensorObservation;
import dev.saiki.testkit.TinyModels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The number of times that a training step reads values back from its device, and the places; `docs/scale.md`
/// explains their purpose. On a GPU, each read-back waits for all work queued on the GPU.
class ReadBacksTest {

    private static final int MICRO_BATCHES = 3;
    private static final int TIME = 12;

    /// Read once per step: the norms of all gradients, which are used for clipping and must be finite.
    private static final String NORMS = "GradientClipping.norms";

    /// Read once per micro-batch: all of its losses.
    private static final String LOSSES = "UnreadLosses.read";

    /// Read at each recursion step of a micro-batch: the scores of tokens that took the preceding step. Expert
    /// choice does not read the first step's scores, since all tokens take that step; thresholds do, for the
    /// report.
    private static final String SCORES = "ExpertChoice.readScores";

    /// Read once per micro-batch: the distribution over depths of each token, and its mean.
    private static final String DISTRIBUTION = "TokenChoice.readTogether";

    /// A kind of training, with three recursions if it has any.
    enum Kind {
        VANILLA,
        RECURSIVE,
        EXPERT_CHOICE,
        RANDOM,
        TOKEN_CHOICE,
        THRESHOLD,
        /// The first of the three micro-batches is at full depth.
        GAIN_ROUTER;

        ModelConfig config() {
            return switch (this) {
                case VANILLA -> TinyModels.vanilla();
                case RECURSIVE -> TinyModels.recursive();
                case EXPERT_CHOICE -> TinyModels.expertChoice(KeyValueSharing.NONE);
                case RANDOM -> TinyModels.random();
                case TOKEN_CHOICE -> TinyModels.tokenChoice(KeyValueSharing.NONE);
                case THRESHOLD -> TinyModels.expertThreshold(KeyValueSharing.NONE);
                case GAIN_ROUTER -> TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.NONE));
            };
        }

        TrainingObjective objective() {
            Optional<FullDepth> fullDepth = this == GAIN_ROUTER
                    ? Optional.of(new FullDepth(
                            0.4,
                            FullDepth.Prior.UNIFORM,
                            Optional.of(new GainSupervision(new GainTarget.Regression(1), 0.1, false, 0, 1)),
                            Optional.empty()))
                    : Optional.empty();
            TrainingObjective.Supervision supervision = this == EXPERT_CHOICE
                    ? TrainingObjective.Supervision.AUXILIARY_LOSS
                    : TrainingObjective.Supervision.NONE;
            TrainingObjective.Balancing balancing =
                    this == TOKEN_CHOICE ? TrainingObjective.Balancing.LOSS_FREE : TrainingObjective.Balancing.NONE;
            return new TrainingObjective(0.001, 0.001, 0.1, supervision, balancing, 0.01, 0, 0, 0.1, fullDepth);
        }

        Map<String, Long> readBacks() {
            Map<String, Long> always = Map.of(NORMS, 1L, LOSSES, (long) MICRO_BATCHES);
            return switch (this) {
                case VANILLA, RECURSIVE, RANDOM -> always;
                case EXPERT_CHOICE -> with(always, entry(SCORES, 2L * MICRO_BATCHES));
                case THRESHOLD, GAIN_ROUTER -> with(always, entry(SCORES, 3L * MICRO_BATCHES));
                case TOKEN_CHOICE -> with(always, entry(DISTRIBUTION, (long) MICRO_BATCHES));
            };
        }

        private static Map<String, Long> with(Map<String, Long> always, Map.Entry<String, Long> more) {
            return Map.ofEntries(entry(NORMS, always.get(NORMS)), entry(LOSSES, always.get(LOSSES)), more);
        }
    }

    static TrainStepSettings settings(Activations activations) {
        return settings(TrainingObjective.CROSS_ENTROPY, activations);
    }

    private static TrainStepSettings settings(TrainingObjective objective, Activations activations) {
        return new TrainStepSettings(
                objective,
                Precision.FLOAT32,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0.1,
                1,
                new TrainStepSettings.Parallelism(1),
                10,
                activations,
                0,
                0);
    }

    @ParameterizedTest
    @EnumSource
    void aStepReadsNoMoreThanItsLossesNormsAndScores(Kind kind) {
        try (ModelWeights weights = ModelWeights.initialize(kind.config(), 1, false);
                TrainStep step = TrainStep.builder(weights, settings(kind.objective(), Activations.KEEP))
                        .build()) {
            try (TensorObservation observed = TensorObservation.start()) {
                step.run(batch(), new StepContext(1, 1e-3, 1));
                assertThat(observed.readBacks()).isEqualTo(kind.readBacks());
            }
        }
    }

    /// Losses over a large vocabulary are summed in chunks, but still read once.
    @Test
    void theNumberDoesNotDependOnTheVocabulary() {
        ModelConfig config = TinyModels.ofText(300_000, TIME);
        try (ModelWeights weights = ModelWeights.initialize(config, 1, false);
                TrainStep step = TrainStep.builder(weights, settings(TrainingObjective.CROSS_ENTROPY, Activations.KEEP))
                        .build();
                TensorObservation observed = TensorObservation.start()) {
            step.run(batch(), new StepContext(1, 1e-3, 1));
            assertThat(observed.readBacks()).containsEntry(LOSSES, (long) MICRO_BATCHES);
        }
    }

    private static List<int[][]> batch() {
        SplittableRandom random = new SplittableRandom(7);
        List<int[][]> batch = new ArrayList<>();
        for (int i = 0; i < MICRO_BATCHES; i++) {
            batch.add(new int[][] {
                random.ints(TIME + 1L, 0, TinyModels.VOCABULARY).toArray(),
                random.ints(TIME + 1L, 0, TinyModels.VOCABULARY).toArray()
            });
        }
        return batch;
    }
}
