package dev.saiki.model.routing;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;

/// The injection of a token's initial state e into a later step's input. For the current state H, that input is
/// exp(−dt · exp(a)) · H + dt · B e, element by element, where dt = softplus(b).
///
/// The retained share of H is always between 0 and 1, so the injection cannot make states grow from step to step.
///
/// @param weight B, `[hidden, hidden]`
/// @param decay a, FLOAT32 `[hidden]`
/// @param rate b, FLOAT32 `[hidden]`
public record Injection(Tensor weight, Tensor decay, Tensor rate) {

    /// The initial dt of a fresh model.
    public static final double FIRST_STEP = 0.1;

    /// The rate b for a value of dt.
    ///
    /// @param step dt, above 0
    /// @return b
    public static double rate(double step) {
        return Math.log(Math.expm1(step));
    }

    /// The value a for which the initial shares of H and of the injected state add up to 1.
    ///
    /// @param share dt, the injected share; above 0 and below 1
    /// @return a
    public static double decay(double share) {
        return Math.log(-Math.log1p(-share) / share);
    }

    /// Computes the input of a step.
    ///
    /// @param rows `[n, hidden]`, the tokens' states
    /// @param entry `[n, hidden]`, the states with which the tokens entered the recursion
    /// @return `[n, hidden]`
    public Tensor apply(Tensor rows, Tensor entry) {
        Tensor step = Functional.softplus(rate);
        Tensor kept = Functional.exp(Functional.exp(decay).multiply(step).negate());
        return rows.multiply(kept.to(rows.dtype()))
                .add(Functional.linear(entry, weight).multiply(step.to(rows.dtype())));
    }
}
