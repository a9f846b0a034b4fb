package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;

/// A root mean square norm: divides each row by its root mean square and multiplies it by a weight.
///
/// @param epsilon the constant added to the mean square
/// @param offset what is added to the stored weights
public record RmsNorm(double epsilon, int offset) {

    /// Returns the norm of a model.
    ///
    /// @param config the model
    /// @return the norm
    public static RmsNorm of(ModelConfig config) {
        return new RmsNorm(config.rmsNormEps(), config.architecture().family().normOffset());
    }

    /// Normalises rows.
    ///
    /// @param rows `[…, width]`
    /// @param weight `[width]`, as stored
    /// @return the same shape
    public Tensor apply(Tensor rows, Tensor weight) {
        return Functional.rmsNorm(rows, offset == 0 ? weight : weight.add(offset), epsilon);
    }
}
