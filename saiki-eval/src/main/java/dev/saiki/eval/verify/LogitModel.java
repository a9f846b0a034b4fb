package dev.saiki.eval.verify;

/// A model that computes the logits after every token of a text.
public interface LogitModel extends AutoCloseable {

    /// Computes a text.
    ///
    /// @param ids the text, not empty and within {@link ModelBounds}
    /// @return `[T · V]` for T tokens and V vocabulary ids, row by row; a number that is not finite is NaN
    float[] logits(int[] ids);

    @Override
    void close();
}
