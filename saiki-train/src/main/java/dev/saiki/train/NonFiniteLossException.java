package dev.saiki.train;

import java.io.Serial;

/// An error for a loss or gradient that is NaN or infinite; the failed step has changed no weights.
public final class NonFiniteLossException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final long step;
    private final String what;

    /// Creates the exception.
    ///
    /// @param step the training step
    /// @param what the value that is not finite: a loss, or the gradient of a tensor
    public NonFiniteLossException(long step, String what) {
        super("step " + step + ": " + what + " is not finite; the weights were not changed. Try a lower"
                + " optimizer.learning_rate, a longer warm-up, a lower optimizer.max_grad_norm, precision float32, or,"
                + " if the router causes it, router_func sigmoid with alpha 0.1");
        this.step = step;
        this.what = what;
    }

    /// Returns the number of the step that could not be taken.
    ///
    /// @return the step number, from 1
    public long step() {
        return step;
    }

    /// Returns the name of the value that was not finite.
    ///
    /// @return a name such as `the cross-entropy loss`
    public String what() {
        return what;
    }
}
