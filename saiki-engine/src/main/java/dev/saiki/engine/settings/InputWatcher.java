package dev.saiki.engine.settings;

import java.util.List;

/// An observer of the rows that the linear maps of a model's layers multiply. The observer is called on the engine's
/// thread, which is blocked meanwhile.
@FunctionalInterface
public interface InputWatcher {

    /// No observer.
    InputWatcher NONE = (_, _, _) -> {};

    /// Observes the rows of one product.
    ///
    /// @param matrices names of the tensors that are multiplied together, the same list each time
    /// @param rows `[n, in]`, row after row from index 0; must not be modified
    /// @param count number of rows, n
    void look(List<String> matrices, float[] rows, int count);
}
