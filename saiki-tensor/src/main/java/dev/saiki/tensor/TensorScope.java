package dev.saiki.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A scope that frees the tensors created within it.
///
/// Scopes nest and belong to the thread that opened them. Closing a scope frees every handle created in it, also
/// after an error; {@link #keep} moves a result out of the scope. Freeing a handle does not free memory that
/// autograd or another handle still needs, because LibTorch counts references. Closing a scope early inside a
/// forward pass is therefore safe, and keeps the peak memory of the pass low.
///
/// JavaCPP's own `PointerScope` was considered and rejected: it cannot tell whether it owns a handle, so an
/// attempt to keep a tensor of another scope would free the tensor too early.
public final class TensorScope implements AutoCloseable {

    private static final ThreadLocal<@Nullable TensorScope> INNERMOST = new ThreadLocal<>();
    private static final LongAdder LIVE = new LongAdder();

    private final @Nullable TensorScope enclosing;
    private final List<Tensor> tensors = new ArrayList<>();

    private TensorScope(@Nullable TensorScope enclosing) {
        this.enclosing = enclosing;
    }

    /// Opens a scope inside the innermost open one of this thread.
    ///
    /// @return the scope; close it with try-with-resources
    public static TensorScope open() {
        TensorScope scope = new TensorScope(INNERMOST.get());
        INNERMOST.set(scope);
        return scope;
    }

    /// Returns the number of this process's tensor handles that have not been freed; a growing number
    /// indicates a leak.
    ///
    /// @return the number of live handles
    public static long liveTensors() {
        return LIVE.sum();
    }

    /// Moves a tensor from this scope to the enclosing scope; without an enclosing scope, the tensor lives
    /// until it is closed. A tensor of another scope is left unchanged.
    ///
    /// @param tensor a tensor
    /// @return the same tensor
    public Tensor keep(Tensor tensor) {
        if (tensor.scope == this) {
            tensor.scope = enclosing;
            if (enclosing != null) {
                enclosing.tensors.add(tensor);
            }
        }
        return tensor;
    }

    /// Moves a tensor out of every scope, so that it lives until it is closed.
    ///
    /// @param tensor a tensor
    /// @return the same tensor
    public static Tensor release(Tensor tensor) {
        tensor.scope = null;
        return tensor;
    }

    /// Frees all tensors of this scope; inner scopes that an error left open are closed first.
    @Override
    public void close() {
        TensorScope inner = INNERMOST.get();
        while (inner != null && inner != this) {
            inner.free();
            inner = inner.enclosing;
        }
        free();
        if (enclosing == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(enclosing);
        }
    }

    /// Adds a new handle to the innermost scope of this thread.
    static @Nullable TensorScope track(Tensor tensor) {
        LIVE.increment();
        TensorScope scope = INNERMOST.get();
        if (scope != null) {
            scope.tensors.add(tensor);
        }
        return scope;
    }

    static void untrack() {
        LIVE.decrement();
    }

    private void free() {
        for (int i = tensors.size() - 1; i >= 0; i--) {
            Tensor tensor = tensors.get(i);
            if (tensor.scope == this) {
                tensor.close();
            }
        }
        tensors.clear();
    }
}
