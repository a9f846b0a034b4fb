package dev.saiki.tensor;

import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/// Reverse-mode differentiation: leaves, backward passes, and a guard that switches recording off.
public final class Autograd implements AutoCloseable {

    static {
        TorchRuntime.ensureLoaded();
    }

    private final AutoGradMode guard;

    private Autograd(boolean enabled) {
        this.guard = new AutoGradMode(enabled);
    }

    /// Switches recording off on the calling thread until the returned guard is closed.
    ///
    /// @return the guard, for try-with-resources
    public static Autograd off() {
        return new Autograd(false);
    }

    /// Returns a new handle to a tensor's memory, as a leaf that records gradients.
    ///
    /// @param tensor any tensor
    /// @return the leaf
    public static Tensor leaf(Tensor tensor) {
        Tensor leaf = detach(tensor);
        leaf.handle().set_requires_grad(true);
        return leaf;
    }

    /// Returns a new handle to a tensor's memory, detached from backward passes.
    ///
    /// @param tensor any tensor
    /// @return the detached handle
    public static Tensor detach(Tensor tensor) {
        return Tensor.of(tensor.handle().detach());
    }

    /// Returns another handle to a tensor, including its recorded history.
    ///
    /// @param tensor any tensor
    /// @return the handle, in the caller's scope
    public static Tensor alias(Tensor tensor) {
        return Tensor.of(new org.bytedeco.pytorch.Tensor(tensor.handle()));
    }

    /// Sets the memory to which backward passes add a leaf's gradient.
    ///
    /// @param leaf a leaf
    /// @param gradient a tensor of the same shape and type
    public static void setGradient(Tensor leaf, Tensor gradient) {
        leaf.handle().mutable_grad().put(gradient.handle());
    }

    /// Tells whether a backward pass would reach a tensor.
    ///
    /// @param tensor any tensor
    /// @return true for a leaf that records gradients, and for any result computed from such a leaf
    public static boolean isRecorded(Tensor tensor) {
        return tensor.handle().requires_grad();
    }

    /// Returns the accumulated gradient of a leaf.
    ///
    /// @param leaf a leaf
    /// @return a handle to the gradient
    /// @throws TensorException if the leaf has no gradient
    public static Tensor gradient(Tensor leaf) {
        org.bytedeco.pytorch.Tensor gradient = leaf.handle().grad();
        if (!gradient.defined()) {
            gradient.deallocate();
            throw new TensorException("the tensor has no gradient");
        }
        return Tensor.of(gradient);
    }

    /// Adds the gradient of a scalar to the stored gradient of every leaf that the scalar was computed from.
    ///
    /// @param loss a scalar
    public static void backward(Tensor loss) {
        BackwardPassEvent.record(() -> loss.handle().backward());
    }

    /// Adds the gradient of the sum of a tensor's elements, weighted by `outer`, to the stored gradient of every
    /// leaf that the tensor was computed from.
    ///
    /// @param tensor any tensor
    /// @param outer the gradient with respect to the tensor, of the same shape
    public static void backward(Tensor tensor, Tensor outer) {
        backward(tensor, outer, false);
    }

    /// Does the same as {@link #backward(Tensor)} and keeps the recorded operations for another pass.
    ///
    /// @param loss a scalar
    public static void backwardKeepingGraph(Tensor loss) {
        try (TensorScope _ = TensorScope.open()) {
            backward(loss, Tensors.like(loss).scalar(1), true);
        }
    }

    /// Does the same as {@link #backward(Tensor, Tensor)} and keeps the recorded operations for another pass.
    ///
    /// @param tensor any tensor
    /// @param outer the gradient with respect to the tensor, of the same shape
    public static void backwardKeepingGraph(Tensor tensor, Tensor outer) {
        backward(tensor, outer, true);
    }

    private static void backward(Tensor tensor, Tensor outer, boolean keepGraph) {
        try (BoolOptional retain = new BoolOptional(keepGraph);
                TensorArrayRefOptional allLeaves = new TensorArrayRefOptional()) {
            BackwardPassEvent.record(() -> tensor.handle().backward(outer.handle(), retain, false, allLeaves));
        }
    }

    @Override
    public void close() {
        guard.deallocate();
    }
}
