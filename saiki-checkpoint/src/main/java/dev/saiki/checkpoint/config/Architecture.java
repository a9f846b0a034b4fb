package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The differences of a decoder from the original Llama.
///
/// @param family the model family, with its fixed properties
/// @param biases the linear maps with a bias
/// @param positions the rotary positions
/// @param slidingWindow the window of some layers; empty if every layer sees all positions
/// @param unrotatedLayers unrolled layers that do not rotate queries and keys, ascending
/// @param embeddingSize width of the embedding's rows if a projection maps them to states (Lan et al.,
///     "ALBERT", arXiv:1909.11942); empty if the rows are as wide as a state
/// @param experts the mixture of experts of each layer; empty if each layer has one feed-forward network
/// @param scales the constant factors
public record Architecture(
        ModelFamily family,
        Biases biases,
        RotaryPositions positions,
        Optional<SlidingWindow> slidingWindow,
        List<Integer> unrotatedLayers,
        OptionalInt embeddingSize,
        Optional<Experts> experts,
        Scales scales) {

    /// The original Llama.
    public static final Architecture LLAMA = of(ModelFamily.LLAMA);

    /// Copies the list, and checks the values against the family.
    public Architecture {
        unrotatedLayers = SlidingWindow.rising("no_rope_layers", unrotatedLayers);
        if (!family.allowedBiases().contains(biases)) {
            throw ValueChecks.wrong(
                    "the biases of a " + family.key() + " model", "one of " + family.allowedBiases(), biases);
        }
        if (!unrotatedLayers.isEmpty() && !family.mayLeaveOutRotation()) {
            throw ValueChecks.wrong("no_rope_layers", "absent from a model of type " + family.key(), unrotatedLayers);
        }
        if (experts.isPresent() != family.hasExperts()) {
            throw new IllegalArgumentException("experts " + experts + " in a model of type " + family.key());
        }
        if (positions.windowTheta().isPresent() && family != ModelFamily.GEMMA3_TEXT) {
            throw ValueChecks.wrong(
                    "rope_local_base_freq",
                    "absent from a model of type " + family.key(),
                    positions.windowTheta().getAsDouble());
        }
        if (positions.rotatedShare() != 1 && !family.mayRotatePartly()) {
            throw ValueChecks.wrong(
                    "partial_rotary_factor",
                    "1, the only supported value with model_type " + family.key(),
                    positions.rotatedShare());
        }
    }

    /// Creates the simplest model of a family: no scaling, no window, rotation in every layer.
    ///
    /// @param family the family
    /// @return the architecture
    public static Architecture of(ModelFamily family) {
        return new Architecture(
                family,
                family.allowedBiases().getFirst(),
                RotaryPositions.of(family),
                Optional.empty(),
                List.of(),
                OptionalInt.empty(),
                Optional.of(family).filter(ModelFamily::hasExperts).map(Experts::usual),
                Scales.NONE);
    }

    /// Copies the architecture with other biases.
    ///
    /// @param other the linear maps with a bias
    /// @return the copy
    public Architecture withBiases(Biases other) {
        return new Architecture(
                family, other, positions, slidingWindow, unrotatedLayers, embeddingSize, experts, scales);
    }

    /// Copies the architecture with another scaling of positions.
    ///
    /// @param other the scaling of rotary positions
    /// @return the copy
    public Architecture withRopeScaling(RopeScaling other) {
        return withPositions(positions.withScaling(other));
    }

    /// Copies the architecture with a window.
    ///
    /// @param window the window of some layers
    /// @return the copy
    public Architecture withSlidingWindow(SlidingWindow window) {
        return new Architecture(
                family, biases, positions, Optional.of(window), unrotatedLayers, embeddingSize, experts, scales);
    }

    /// Copies the architecture with other layers that do not rotate queries and keys.
    ///
    /// @param layers unrolled layers, ascending
    /// @return the copy
    public Architecture withUnrotatedLayers(List<Integer> layers) {
        return new Architecture(family, biases, positions, slidingWindow, layers, embeddingSize, experts, scales);
    }

    /// Copies the architecture with another width of the embedding.
    ///
    /// @param size width of the embedding's rows, which a projection maps to states; empty for rows as wide as a
    ///     state
    /// @return the copy
    public Architecture withEmbeddingSize(OptionalInt size) {
        return new Architecture(family, biases, positions, slidingWindow, unrotatedLayers, size, experts, scales);
    }

    /// Copies the architecture with other experts.
    ///
    /// @param other the mixture of experts of each layer
    /// @return the copy
    public Architecture withExperts(Experts other) {
        return new Architecture(
                family, biases, positions, slidingWindow, unrotatedLayers, embeddingSize, Optional.of(other), scales);
    }

    /// Copies the architecture with other constant factors.
    ///
    /// @param other the factors
    /// @return the copy
    public Architecture withScales(Scales other) {
        return new Architecture(
                family, biases, positions, slidingWindow, unrotatedLayers, embeddingSize, experts, other);
    }

    /// Copies the architecture with another base of the rotary frequencies in layers with a window.
    ///
    /// @param theta the base
    /// @return the copy
    public Architecture withWindowTheta(double theta) {
        return withPositions(positions.withWindowTheta(OptionalDouble.of(theta)));
    }

    /// Copies the architecture with another share of rotated elements of each head.
    ///
    /// @param share the share, above 0 and at most 1
    /// @return the copy
    public Architecture withRotatedShare(double share) {
        return withPositions(positions.withRotatedShare(share));
    }

    private Architecture withPositions(RotaryPositions other) {
        return new Architecture(family, biases, other, slidingWindow, unrotatedLayers, embeddingSize, experts, scales);
    }

    /// Copies the architecture without numbers that repeat the usual ones, so that equal models are equal.
    Architecture withoutUsual(int headDim, double ropeTheta) {
        Scales kept = scales.attention().equals(OptionalDouble.of(1 / Math.sqrt(headDim)))
                ? scales.withAttention(OptionalDouble.empty())
                : scales;
        RotaryPositions rotary = positions.windowTheta().equals(OptionalDouble.of(ropeTheta))
                ? positions.withWindowTheta(OptionalDouble.empty())
                : positions;
        return withScales(kept).withPositions(rotary);
    }

    /// Returns the rotation of a layer's queries and keys.
    ///
    /// @param layer unrolled layer
    /// @return the rotation
    public Rotation rotationOf(int layer) {
        return unrotatedLayers.contains(layer)
                ? Rotation.NONE
                : family.rotatesWindowsApart() && windowOf(layer).isPresent() ? Rotation.OF_WINDOWS : Rotation.USUAL;
    }

    /// Returns the window of a layer.
    ///
    /// @param layer unrolled layer
    /// @return number of positions that a token sees, including its own; empty if the token sees all
    ///     positions
    public OptionalInt windowOf(int layer) {
        return slidingWindow
                .filter(window -> window.layers().contains(layer))
                .map(window -> OptionalInt.of(window.size()))
                .orElseGet(OptionalInt::empty);
    }

    /// Copies the architecture for a model that repeats or omits layers.
    ///
    /// @param kept layers of this model to keep; entry i becomes layer i of the copy
    /// @return the copy
    public Architecture withLayers(List<Integer> kept) {
        Optional<SlidingWindow> window = slidingWindow.flatMap(old -> {
            List<Integer> layers = placesOf(old.layers(), kept);
            return layers.isEmpty() ? Optional.empty() : Optional.of(new SlidingWindow(old.size(), layers));
        });
        return new Architecture(
                family, biases, positions, window, placesOf(unrotatedLayers, kept), embeddingSize, experts, scales);
    }

    private static List<Integer> placesOf(List<Integer> layers, List<Integer> kept) {
        return IntStream.range(0, kept.size())
                .filter(place -> layers.contains(kept.get(place)))
                .boxed()
                .toList();
    }

    /// Copies the architecture for another number of layers: layers beyond that number are dropped, and a window
    /// over all layers extends to added layers.
    Architecture withNumLayers(int before, int after) {
        Optional<SlidingWindow> window = slidingWindow.flatMap(old -> {
            List<Integer> layers = old.layers().size() == before
                    ? IntStream.range(0, after).boxed().toList()
                    : below(old.layers(), after);
            return layers.isEmpty() ? Optional.empty() : Optional.of(new SlidingWindow(old.size(), layers));
        });
        return new Architecture(
                family, biases, positions, window, below(unrotatedLayers, after), embeddingSize, experts, scales);
    }

    private static List<Integer> below(List<Integer> layers, int end) {
        return layers.stream().filter(layer -> layer < end).toList();
    }

    /// Refuses layers that the model does not have, layers that share weights but differ in window or rotation, and
    /// positions that do not fit the heads.
    void requireFitting(LayerMap map, int headDim, double ropeTheta) {
        Problems.requireAll(
                () -> experts.ifPresent(mixture -> mixture.requireFitting(map.numUnrolled())),
                () -> slidingWindow.ifPresent(window -> family.requireWindow(window, map.numUnrolled())),
                () -> requireLayers("sliding_window", windowedLayers(), map),
                () -> requireLayers("no_rope_layers", unrotatedLayers, map),
                () -> {
                    List<Integer> unwindowed = family.unrotated(slidingWindow, map.numUnrolled());
                    if (family.rotatesByWindow() && !unrotatedLayers.equals(unwindowed)) {
                        throw ValueChecks.wrong(
                                "the list of layers without rotation",
                                "that of the layers without a window, " + unwindowed,
                                unrotatedLayers);
                    }
                },
                () -> positions.requireFitting(headDim, ropeTheta),
                () -> positions.requireFitting(family));
    }

    private List<Integer> windowedLayers() {
        return slidingWindow.map(SlidingWindow::layers).orElse(List.of());
    }

    private static void requireLayers(String key, List<Integer> layers, LayerMap map) {
        layers.stream().max(Comparator.naturalOrder()).ifPresent(last -> {
            if (last >= map.numUnrolled() || layers.getFirst() < 0) {
                throw ValueChecks.wrong(key, "for layers from 0 to " + (map.numUnrolled() - 1), layers);
            }
        });
        Set<Integer> weights =
                layers.stream().map(layer -> map.uniqueOf().get(layer)).collect(Collectors.toSet());
        long sharing = map.uniqueOf().stream().filter(weights::contains).count();
        InputException.require(sharing == layers.size(), key, "the same for layers that share their weights", layers);
    }
}
