package dev.saiki.model;

/// The distillation loss, either from the deepest exit of a micro-batch at full depth to its shallower exits,
/// or from a frozen {@link Teacher} to the model.
///
/// The loss is temperature² times the Kullback-Leibler divergence of the student's prediction from the teacher's,
/// with both logits divided by the temperature; the square preserves the magnitude of the gradients (Hinton,
/// Vinyals and Dean, arXiv:1503.02531). The teacher's prediction is a constant: no gradient reaches it.
///
/// @param coefficient the weight of the loss, which is a mean over tokens; exits are weighted by the prior
///     over the depths
/// @param temperature the number by which the logits are divided; above 1, unlikely tokens get more weight
public record Distillation(double coefficient, double temperature) {

    /// Rejects values that are not positive.
    ///
    /// @throws IllegalArgumentException if a value is not positive
    public Distillation {
        if (!(coefficient > 0 && temperature > 0)) {
            throw new IllegalArgumentException(
                    "coefficient and temperature must be positive, got " + coefficient + " and " + temperature);
        }
    }
}
