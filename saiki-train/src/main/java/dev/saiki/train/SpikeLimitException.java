package dev.saiki.train;

import dev.saiki.train.recipe.StabilitySection;
import java.io.Serial;
import java.util.Locale;

/// An error for more consecutive spikes than the recipe allows; the last attempted step has changed no
/// weights.
public final class SpikeLimitException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final long step;

    SpikeLimitException(long step, StepResult result, StabilitySection stability) {
        super(String.format(
                Locale.ROOT,
                "step %d: loss %.4g and gradient norm %.4g are a spike, preceded by %d consecutive spikes; the weights"
                        + " were not changed. Try a lower optimizer.learning_rate, a longer warm-up, a lower"
                        + " optimizer.max_grad_norm, or a larger stability.deviations",
                step,
                result.crossEntropyLoss(),
                result.gradNorm(),
                stability.tries()));
        this.step = step;
    }

    /// Returns the number of the step that could not be taken.
    ///
    /// @return the step number, from 1
    public long step() {
        return step;
    }

    /// Returns the names of the values that made the step a spike.
    ///
    /// @return a phrase for messages
    public String what() {
        return "the loss or the gradient";
    }
}
