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

/// Gradient clipping by norm; parameters that are trained separately are clipped by their own norm.
///
/// Each norm is computed on one thread. With several threads the last bits of a norm, and therefore the whole run,
/// would depend on the number of threads.
///
/// Auxiliary routers, and routers trained only on measured gains, are clipped separately, so that a large router
/// loss does not reduce the step of the other parameters.
///
/// @param trained the parameters that have gradients
/// @param gradient `[count]`, the gradient of the trained parameters
/// @param maxNorm the maximum norm of a gradient after clipping
/// @param routersApart whether the router losses train only the routers, which are then clipped separately
record GradientClipping(TrainedParameters trained, Tensor gradient, double maxNorm, boolean routersApart) {

    private static final double EPSILON = 1e-6;

    /// Clips the gradient to the maximum norm.
    ///
    /// @param step the step to name in an error
    /// @return the norm before clipping, without the routers that are clipped separately
    /// @throws NonFiniteLossException if an element is not finite
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

    /// The gradient norm of each stretch of parameters, in order; the norms are copied from the device in a single
    /// transfer.
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

    /// Clips the joint gradient of several parts and returns its norm before clipping.
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
