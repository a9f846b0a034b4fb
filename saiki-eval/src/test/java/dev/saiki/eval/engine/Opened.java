package dev.saiki.eval.engine;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/// A model with random weights, both for LibTorch and as a checkpoint for engines.
final class Opened implements AutoCloseable {

    /// A tokenizer of bytes: one token per byte.
    static final Tokenizer BYTES = BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    private final ModelWeights weights;
    private final TeacherForcedScorer scorer;
    private final CheckpointDirectory checkpoint;

    Opened(Path folder, ModelConfig config, long seed) throws IOException {
        this.weights = ModelWeights.initialize(config, seed, ParameterNames.requiresAuxiliaryRouters(config));
        if (!config.architecture().equals(Architecture.LLAMA)) {
            drawNormsAndBiases(seed);
        }
        drawOwnSteps(weights, seed);
        if (config.recursion().map(Recursion::injection).orElse(false)) {
            drawInjection(seed);
        }
        if (config.hasStepGates()) {
            drawStepGates(seed);
        }
        this.scorer = new TeacherForcedScorer(weights, Precision.FLOAT32);
        CheckpointDirectory.write(folder, config, weights.stored(), Optional.empty(), Manifest.untrained());
        this.checkpoint = CheckpointDirectory.open(folder);
    }

    /// Draws norms and biases at random, since with initial ones and zeros many mistakes would go unnoticed.
    private void drawNormsAndBiases(long seed) {
        Random random = new Random(seed);
        weights.parameters().forEach((name, tensor) -> {
            if (name.endsWith("norm.weight") || name.endsWith(".bias")) {
                float[] values = new float[Math.toIntExact(tensor.count())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (name.endsWith(".bias") ? 0 : 1) + (float) (0.3 * random.nextGaussian());
                }
                try (TensorScope _ = TensorScope.open()) {
                    tensor.copyFrom(Tensors.of(values, tensor.shape()));
                }
            }
        });
    }

    /// Draws the injection at random, since initially all of its numbers are equal.
    private void drawInjection(long seed) {
        Random random = new Random(seed);
        for (String name :
                List.of(ParameterNames.INJECTION, ParameterNames.INJECTION_DECAY, ParameterNames.INJECTION_RATE)) {
            Tensor tensor = Objects.requireNonNull(weights.parameters().get(name));
            float[] values = tensor.toFloats();
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.2 * random.nextGaussian());
            }
            try (TensorScope _ = TensorScope.open()) {
                tensor.copyFrom(Tensors.of(values, tensor.shape()));
            }
        }
    }

    /// Draws the updates and norms of steps at random, since initially all steps are equal.
    static void drawOwnSteps(ModelWeights weights, long seed) {
        Random random = new Random(seed);
        weights.parameters().forEach((name, tensor) -> {
            if (name.contains(".steps.")) {
                float[] values = new float[Math.toIntExact(tensor.count())];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (name.endsWith("norm.weight") ? 1 : 0) + (float) (0.3 * random.nextGaussian());
                }
                try (TensorScope _ = TensorScope.open()) {
                    tensor.copyFrom(Tensors.of(values, tensor.shape()));
                }
            }
        });
    }

    /// Draws step gates at random, since initially they are fully open.
    private void drawStepGates(long seed) {
        Random random = new Random(seed);
        Tensor gates = Objects.requireNonNull(weights.parameters().get(ParameterNames.STEP_GATES));
        float[] values = gates.toFloats();
        for (int step = 0; step < values.length; step++) {
            values[step] = 0.5f + (float) (0.3 * random.nextGaussian());
        }
        try (TensorScope _ = TensorScope.open()) {
            gates.copyFrom(Tensors.of(values, gates.shape()));
        }
    }

    ModelWeights weights() {
        return weights;
    }

    TeacherForcedScorer scorer() {
        return scorer;
    }

    Engine engine(EngineOptions options) {
        return Engine.open(checkpoint, BYTES, options);
    }

    /// Draws a text.
    static int[] text(Random random, int length) {
        return random.ints(length, 1, BytePairTrainer.SMALLEST_VOCABULARY).toArray();
    }

    @Override
    public void close() {
        scorer.close();
        weights.close();
    }
}
