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
/// Gradients and optimizer moments are flat arrays in the order of the weights, without the frozen parameters.
public final class TrainedParameters {

    private final ParameterLayout layout;
    private final Map<String, ParameterLayout.Range> places = new LinkedHashMap<>();
    private final List<Stretch> stretches = new ArrayList<>();
    private final long count;
    private final long loweredCount;

    /// Adjacent parameters with the same optimizer settings.
    ///
    /// @param weightStart the index of the first parameter in the flat array of all weights
    /// @param start the index of the first parameter in arrays of trained parameters
    /// @param length the number of elements
    /// @param decays whether weight decay applies, as it does to matrices but not to norms, biases and step
    ///     gates
    /// @param part the part of the model that the parameters belong to
    public record Stretch(long weightStart, long start, long length, boolean decays, Part part) {

        /// Returns the elements of these parameters.
        ///
        /// @param ofTrained `[count]`, an array of trained parameters
        /// @return a view
        public Tensor of(Tensor ofTrained) {
            return ofTrained.narrow(0, start, length);
        }
    }

    /// A part of a model that can be trained separately.
    public enum Part {
        /// All parameters except those of routers.
        TRUNK,
        ROUTERS,
        /// Routers that are always trained separately, with their own learning rate.
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
    /// @param weights the model's weights
    /// @return all parameters
    public static TrainedParameters all(ModelWeights weights) {
        return of(weights, weights.parameters().keySet());
    }

    /// Trains some parameters and freezes the others.
    ///
    /// @param weights the model's weights
    /// @param names the names of the trained parameters
    /// @return these parameters
    public static TrainedParameters of(ModelWeights weights, Set<String> names) {
        return new TrainedParameters(weights.layout(), names);
    }

    /// Returns the number of trained elements.
    ///
    /// @return the length of arrays of trained parameters
    public long count() {
        return count;
    }

    /// Returns the stretches of equal optimizer settings, in order.
    ///
    /// @return stretches, none of them empty
    public List<Stretch> stretches() {
        return List.copyOf(stretches);
    }

    /// Returns views of an array of trained parameters, by parameter name.
    ///
    /// @param array `[count]`, for example gradients
    /// @return views in checkpoint order, which belong to the caller's scope
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

    /// The number of elements of matrices and norms, which come first and whose gradients are in compute
    /// precision.
    long loweredCount() {
        return loweredCount;
    }

    /// The range of adjacent parameters, all of which are trained, in arrays of trained parameters.
    ParameterLayout.Range adjacent(List<String> names) {
        ParameterLayout.Range first = place(names.getFirst());
        return new ParameterLayout.Range(first.start(), place(names.getLast()).end() - first.start());
    }

    private ParameterLayout.Range place(String name) {
        return Objects.requireNonNull(places.get(name), name);
    }
}
