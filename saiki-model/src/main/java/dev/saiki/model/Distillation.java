package dev.saiki.model;

/// The distillation loss: the deepest exit of a micro-batch at full depth teaches the shallower ones, or a frozen
/// {@link Teacher} the model.
///
/// It is temperature² times the divergence (Kullback and Leibler's) of the taught prediction from the
/// teacher's, the logits of both divided by the temperature; the square keeps the size of the gradients
/// (Hinton, Vinyals and Dean, arXiv:1503.02531). The teacher's prediction is taken as it is: no gradient
/// reaches it.
///
/// @param coefficient weight of the loss, which is a mean over tokens; of exits weighed by the prior of the
///     depths
/// @param temperature what logits are divided by; above 1 the unlikely tokens count for more
public record Distillation(double coefficient, double temperature) {

    /// Refuses numbers that are not positive.
    ///
    /// @throws IllegalArgumentException if one is not
    public Distillation {
        if (!(coefficient > 0 && temperature > 0)) {
            throw new IllegalArgumentException(
                    "coefficient and temperature must be positive, got " + coefficient + " and " + temperature);
        }
    }
}
