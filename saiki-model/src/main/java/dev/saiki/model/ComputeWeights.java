package dev.saiki.model;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// The model weights in compute precision.
///
/// In float32 the compute weights are the master weights themselves; in bfloat16 they are a copy that must be
/// refreshed after every optimizer step. Routers and step gates are always the float32 masters. Several
/// {@link RecursiveTransformer}s may use the same weights concurrently.
public final class ComputeWeights implements AutoCloseable {

    private final ModelWeights master;
    private final Precision precision;
    private final @Nullable Tensor lowered;

    /// Creates the weights in a precision.
    ///
    /// @param master the master weights
    /// @param precision the number format
    public ComputeWeights(ModelWeights master, Precision precision) {
        this.master = master;
        this.precision = precision;
        this.lowered = precision == Precision.FLOAT32
                ? null
                : TensorScope.release(Tensors.on(master.device()).empty(precision.dtype(), loweredLength()));
        refresh();
    }

    /// Updates the copy with the optimizer's changes.
    public void refresh() {
        if (lowered != null) {
            try (TensorScope _ = TensorScope.open();
                    Autograd _ = Autograd.off()) {
                lowered.copyFrom(master.flat().narrow(0, 0, loweredLength()));
            }
        }
    }

    /// Frees the copy, if there is one; the master weights are not freed.
    @Override
    public void close() {
        if (lowered != null) {
            lowered.close();
        }
    }

    ModelWeights master() {
        return master;
    }

    Precision precision() {
        return precision;
    }

    /// The number of elements in the chosen precision: those of matrices and norms.
    long loweredLength() {
        return master.layout().segment(ParameterLayout.Segment.NORMS).end();
    }

    /// The elements of a range, in compute precision.
    Tensor range(ParameterLayout.Range range) {
        Tensor flat = lowered != null && range.end() <= loweredLength() ? lowered : master.flat();
        return flat.narrow(0, range.start(), range.length());
    }
}
