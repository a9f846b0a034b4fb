package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// A norm of rows: divides each row by its root mean square, in some families after subtracting its mean, and
/// multiplies it by a weight.
///
/// @param epsilon the constant added to the mean square
/// @param offset what is added to the stored weights
/// @param centres whether each row's mean is subtracted first
public record Norm(double epsilon, int offset, boolean centres) {

    /// Returns the norm of a model.
    ///
    /// @param config the model
    /// @return the norm
    public static Norm of(ModelConfig config) {
        ModelFamily family = config.architecture().family();
        return new Norm(config.rmsNormEps(), family.normOffset(), family.centresNorms());
    }

    /// Normalises rows.
    ///
    /// @param rows `[…, width]`
    /// @param weight `[width]`, as stored
    /// @return the same shape
    public Tensor apply(Tensor rows, Tensor weight) {
        return apply(rows, new NormWeights(weight, Optional.empty()));
    }

    /// Normalises rows.
    ///
    /// @param rows `[…, width]`
    /// @param weights the weight, and in a norm that subtracts the mean maybe a bias
    /// @return the same shape
    public Tensor apply(Tensor rows, NormWeights weights) {
        Tensor factors = offset == 0 ? weights.weight() : weights.weight().add(offset);
        return centres
                ? Functional.layerNorm(rows, factors, weights.bias(), epsilon)
                : Functional.rmsNorm(rows, factors, epsilon);
    }
}
