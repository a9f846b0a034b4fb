package dev.saiki.tensor;

import org.bytedeco.pytorch.AutoGradMode;

/// Whether operations of the calling thread are recorded for a backward pass.
public final class Autograd implements AutoCloseable {

    static {
        TorchRuntime.ensureLoaded();
    }

    private final AutoGradMode guard;

    private Autograd(boolean enabled) {
        this.guard = new AutoGradMode(enabled);
    }

    /// Stops recording until the returned guard is closed.
    ///
    /// @return the guard, for try-with-resources
    public static Autograd off() {
        return new Autograd(false);
    }

    @Override
    public void close() {
        guard.deallocate();
    }
}
