package dev.saiki.study.pilot;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.List;

/// A size of a pilot's models, all of the same width.
///
/// A model with recursions has an unshared layer at each end and, between them, a block of shared layers, which a
/// token passes one to three times.
///
/// @param name the size's name
/// @param hiddenSize the width of the models
/// @param intermediateSize width of the feed-forward network
/// @param heads query heads
/// @param keyValueHeads key-value heads
/// @param blockLayers layers of the shared block
/// @param vocabSize size of the vocabulary
/// @param learningRate the peak learning rate at the centre of the trials
/// @param minFlops the smallest number of forward FLOPs of a training for which this size is better than the
///     next smaller size
record PilotSize(
        String name,
        int hiddenSize,
        int intermediateSize,
        int heads,
        int keyValueHeads,
        int blockLayers,
        int vocabSize,
        double learningRate,
        double minFlops) {

    /// Recursions of a token at full depth.
    static final int RECURSIONS = 3;

    /// Unshared layers.
    private static final int END_LAYERS = 2;

    /// Mean recursions of a token, at the default effort and with random routing.
    private static final int MEAN_RECURSIONS = 2;

    /// The standard deviation of initial weights, times the square root of the width. A recipe's standard
    /// deviation of 0.02 suits models of about 800 dimensions, and slows the start of narrower models.
    private static final double INITIAL_SCALE = 0.57;

    /// The sizes, smallest first.
    static final List<PilotSize> ALL = List.of(
            new PilotSize("d64", 64, 192, 4, 2, 1, 2048, 3e-3, 0),
            new PilotSize("d96", 96, 288, 4, 2, 1, 4096, 2.5e-3, 8e11),
            new PilotSize("d128", 128, 384, 4, 2, 1, 4096, 2e-3, 8e12),
            new PilotSize("d192", 192, 512, 4, 2, 1, 4096, 1.5e-3, 4e13),
            new PilotSize("d256", 256, 704, 4, 2, 2, 4096, 1e-3, 2e14),
            new PilotSize("d384", 384, 1024, 6, 2, 2, 4096, 8e-4, 1e15),
            new PilotSize("d512", 512, 1408, 8, 4, 2, 4096, 6e-4, 4e15));

    /// Finds a size.
    ///
    /// @throws InputException if no size has that name
    static PilotSize named(String name) {
        List<String> names = ALL.stream().map(PilotSize::name).toList();
        return ALL.stream()
                .filter(shape -> shape.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new InputException("size must be one of " + String.join(", ", names) + ", got "
                        + name + Suggestions.didYouMean(name, names)));
    }

    /// Chooses the largest size that a budget allows.
    static PilotSize fitting(double forwardFlops) {
        return ALL.reversed().stream()
                .filter(shape -> forwardFlops >= shape.minFlops)
                .findFirst()
                .orElse(ALL.getFirst());
    }

    /// The number of layers that a token passes at full depth.
    int unrolledLayers() {
        return END_LAYERS + RECURSIONS * blockLayers;
    }

    /// Stored layers.
    int uniqueLayers() {
        return END_LAYERS + blockLayers;
    }

    /// The mean number of layers that a token of a routed model passes.
    int meanLayers() {
        return END_LAYERS + MEAN_RECURSIONS * blockLayers;
    }

    int headDim() {
        return hiddenSize / heads;
    }

    /// The standard deviation of initial weights.
    double initializerRange() {
        return Math.rint(1000 * INITIAL_SCALE / Math.sqrt(hiddenSize)) / 1000;
    }
}
