package dev.saiki.model;

import dev.saiki.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The trained parameters of a model, and the positions of their gradients.
///
/// Gradients, and what an optimizer remembers, lie in flat arrays in the order of the weights. Parameters
/// that are frozen have no place in them.
public final class TrainedParameters {

    private final ParameterLayout layout;
    private final Map<String, ParameterLayout.Range> places = new LinkedHashMap<>();
    private final List<Stretch> stretches = new ArrayList<>();
    private final long count;
    private final long loweredCount;

    /// Adjacent parameters with the same optimizer setting.
    ///
    /// @param weightStart the first of them in the flat array of all weights
    /// @param start the first of them in arrays of what is trained
    /// @param length number of elements
    /// @param decays whether weight decay applies: to matrices, not to norms, biases and gates of steps
    /// @param part what they belong to
    public record Stretch(long weightStart, long start, long length, boolean decays, Part part) {

        /// Shows its elements.
        ///
        /// @param ofTrained `[count]`, an array of what is trained
        /// @return a view
        public Tensor of(Tensor ofTrained) {
            return ofTrained.narrow(0, start, length);
        }
    }

    /// A part of a model that can train separately.
    public enum Part {
        /// All that computes predictions.
        TRUNK,
        ROUTERS,
        /// Routers that are always trained apart, with a learning rate of their own.
        AUXILIARY_ROUTERS
    }

    private TrainedParameters(ParameterLayout layout, Collection<String> trained) {
        this.layout = layout;
        long next = 0;
        long lowered = 0;
        ParameterLayout.@Nullable Segment last = null;
        for (String name : layout.namesInPlace()) {
            if (trained.contains(name)) {
                ParameterLayout.Segment segment = ParameterLayout.segmentOf(name);
                ParameterLayout.Range weight = layout.slot(name).range();
                places.put(name, new ParameterLayout.Range(next, weight.length()));
                add(weight, next, segment, segment == last);
                next += weight.length();
                lowered = segment.isLowered() ? next : lowered;
                last = segment;
            }
        }
        this.count = next;
        this.loweredCount = lowered;
    }

    private void add(ParameterLayout.Range weight, long start, ParameterLayout.Segment segment, boolean sameSegment) {
        if (sameSegment) {
            Stretch before = stretches.getLast();
            if (before.weightStart() + before.length() == weight.start()) {
                stretches.removeLast();
                stretches.add(new Stretch(
                        before.weightStart(),
                        before.start(),
                        before.length() + weight.length(),
                        before.decays(),
                        before.part()));
                return;
            }
        }
        stretches.add(new Stretch(
                weight.start(),
                start,
                weight.length(),
                segment != ParameterLayout.Segment.NORMS && segment != ParameterLayout.Segment.STEP_GATES,
                partOf(segment)));
    }

    private static Part partOf(ParameterLayout.Segment segment) {
        return switch (segment) {
            case MATRICES, NORMS, STEP_GATES -> Part.TRUNK;
            case ROUTERS -> Part.ROUTERS;
            case AUXILIARY_ROUTERS -> Part.AUXILIARY_ROUTERS;
        };
    }

    /// Trains everything.
    ///
    /// @param weights of the model
    /// @return all parameters
    public static TrainedParameters all(ModelWeights weights) {
        return of(weights, weights.parameters().keySet());
    }

    /// Trains some parameters and freezes the others.
    ///
    /// @param weights of the model
    /// @param names of what is trained
    /// @return these parameters
    public static TrainedParameters of(ModelWeights weights, Set<String> names) {
        return new TrainedParameters(weights.layout(), names);
    }

    /// Returns the number of elements that are trained.
    ///
    /// @return the length of arrays of what is trained
    public long count() {
        return count;
    }

    /// Returns what shares a setting of the optimizer, in order.
    ///
    /// @return stretches, none of them empty
    public List<Stretch> stretches() {
        return List.copyOf(stretches);
    }

    /// Shows the pieces of an array of what is trained by the names of the parameters whose places they take.
    ///
    /// @param array `[count]`, for example gradients
    /// @return views in the order of a checkpoint, belonging to the caller's scope
    public SequencedMap<String, Tensor> named(Tensor array) {
        SequencedMap<String, Tensor> views = new LinkedHashMap<>();
        for (String name : layout.names()) {
            ParameterLayout.@Nullable Range place = places.get(name);
            if (place != null) {
                views.put(
                        name,
                        ModelWeights.view(
                                array,
                                new ParameterLayout.Slot(layout.slot(name).shape(), place)));
            }
        }
        return views;
    }

    boolean has(String name) {
        return places.containsKey(name);
    }

    /// Elements of matrices and norms, which come first, and whose gradients are in the format of computation.
    long loweredCount() {
        return loweredCount;
    }

    /// The positions of adjacent parameters, all of them trained.
    ParameterLayout.Range adjacent(List<String> names) {
        ParameterLayout.Range first = place(names.getFirst());
        return new ParameterLayout.Range(first.start(), place(names.getLast()).end() - first.start());
    }

    private ParameterLayout.Range place(String name) {
        return Objects.requireNonNull(places.get(name), name);
    }
}
