package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.Problems;

/// The low-rank updates (LoRA, Hu et al., arXiv:2106.09685) that each recursion step after the first adds to the linear
/// maps of the shared layers: W x + alpha / rank · B (A x).
///
/// B is initialised to 0, so that a step begins with the maps of the shared block.
///
/// @param rank rows of A and columns of B
/// @param alpha the numerator of the factor alpha / rank by which the update is multiplied
public record StepLora(int rank, double alpha) {

    /// The maximum rank, beyond which an update would not be low-rank.
    public static final int MAX_RANK = 4096;

    /// Checks the numbers.
    public StepLora {
        Problems.requireAll(
                () -> ValueChecks.range("recursion.step_lora.rank", rank, 1, MAX_RANK),
                () -> ValueChecks.positive("recursion.step_lora.alpha", alpha));
    }

    /// Returns the factor by which an update is multiplied.
    ///
    /// @return alpha / rank
    public double scale() {
        return alpha / rank;
    }
}
