package dev.saiki.train;

import dev.saiki.model.TrainedParameters;
import dev.saiki.model.TrainedParameters.Part;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Gradient clipping by norm, separately for each part that trains separately.
///
/// A norm is computed on one thread: on several its last bits depend on their number, and with them the whole
/// run.
///
/// The loss of a router that is taught what recursions gain says nothing of the size of a step of the trunk,
/// nor does that of an auxiliary router.
///
/// @param trained what has gradients
/// @param gradient `[count]`, of what is trained
/// @param maxNorm to which it is shortened
/// @param routersApart whether what teaches the routers ends at them
record GradientClipping(TrainedParameters trained, Tensor gradient, double maxNorm, boolean routersApart) {

    private static final double EPSILON = 1e-6;

    /// Shortens the gradient where it is too long.
    ///
    /// @param step named in the error
    /// @return its length before, of the trunk and of all that is not trained apart
    /// @throws NonFiniteLossException if a number of it is not finite
    double clip(long step) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Map<TrainedParameters.Stretch, Double> norms = norms();
            clip(step, norms, EnumSet.of(Part.AUXILIARY_ROUTERS));
            if (routersApart) {
                clip(step, norms, EnumSet.of(Part.ROUTERS));
                return clip(step, norms, EnumSet.of(Part.TRUNK));
            }
            return clip(step, norms, EnumSet.of(Part.TRUNK, Part.ROUTERS));
        }
    }

    /// The length of each stretch, in their order; all are read back together.
    private Map<TrainedParameters.Stretch, Double> norms() {
        List<TrainedParameters.Stretch> stretches = trained.stretches();
        Map<TrainedParameters.Stretch, Double> norms = new LinkedHashMap<>();
        if (stretches.isEmpty()) {
            return norms;
        }
        List<Tensor> each = TorchRuntime.onOneThread(() -> stretches.stream()
                .map(stretch -> Functional.norm(stretch.of(gradient)).reshape(1))
                .toList());
        float[] read = Tensors.concatenate(each, 0).toFloats();
        for (int i = 0; i < read.length; i++) {
            norms.put(stretches.get(i), (double) read[i]);
        }
        return norms;
    }

    /// Shortens the gradient of parts together, and returns its length before.
    private double clip(long step, Map<TrainedParameters.Stretch, Double> norms, Set<Part> parts) {
        double squares = 0;
        List<Tensor> stretches = new ArrayList<>();
        for (Map.Entry<TrainedParameters.Stretch, Double> entry : norms.entrySet()) {
            if (parts.contains(entry.getKey().part())) {
                squares += entry.getValue() * entry.getValue();
                stretches.add(entry.getKey().of(gradient));
            }
        }
        double norm = Math.sqrt(squares);
        if (!Double.isFinite(norm)) {
            throw new NonFiniteLossException(step, "the gradient of " + firstNonFinite());
        }
        double factor = maxNorm / (norm + EPSILON);
        if (factor < 1) {
            stretches.forEach(part -> part.multiplyInPlace(factor));
        }
        return norm;
    }

    private String firstNonFinite() {
        return trained.named(gradient).entrySet().stream()
                .filter(entry -> !entry.getValue().isFinite())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("all tensors together");
    }
}
