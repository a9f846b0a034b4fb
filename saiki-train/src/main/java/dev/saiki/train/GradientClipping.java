package dev.saiki.train;

import dev.saiki.model.TrainedParameters;
import dev.saiki.model.TrainedParameters.Part;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The clipping of gradients by their norm, of each part that is trained apart by itself.
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
        clip(step, EnumSet.of(Part.AUXILIARY_ROUTERS));
        if (routersApart) {
            clip(step, EnumSet.of(Part.ROUTERS));
            return clip(step, EnumSet.of(Part.TRUNK));
        }
        return clip(step, EnumSet.of(Part.TRUNK, Part.ROUTERS));
    }

    /// Shortens the gradient of parts together, and returns its length before.
    private double clip(long step, Set<Part> parts) {
        double squares = 0;
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            List<Tensor> stretches = new ArrayList<>();
            for (TrainedParameters.Stretch stretch : trained.stretches()) {
                if (parts.contains(stretch.part())) {
                    Tensor part = stretch.of(gradient);
                    double norm =
                            TorchRuntime.onOneThread(() -> Functional.norm(part).item());
                    squares += norm * norm;
                    stretches.add(part);
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
    }

    private String firstNonFinite() {
        return trained.named(gradient).entrySet().stream()
                .filter(entry -> !entry.getValue().isFinite())
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("all tensors together");
    }
}
