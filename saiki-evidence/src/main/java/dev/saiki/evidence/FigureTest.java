package dev.saiki.evidence;

/// A test of a gate by one figure of each side (baseline and candidate), such as the error rate, rather than by
/// the differences between paired answers.
///
/// Each conversation counts once, in order of assignment. The bounds on the figures are time-uniform if the true
/// figures are constant. Unlike {@link SequentialTest}, the test is not valid if the true figures change.
///
/// If the limit is relative to the baseline, the bound on the baseline's figure gets half of the error
/// probability.
public sealed interface FigureTest extends GateTest permits RateTest, QuantileTest {

    /// Adds the next conversation, in order of assignment.
    ///
    /// @param sides the value measured on each side in this conversation
    void observe(Sides sides);

    /// Returns the figures over all conversations so far.
    ///
    /// @return the figures of both sides; NaN for a figure without observations
    Sides figures();

    /// One value per side.
    ///
    /// @param baseline the baseline's value
    /// @param candidate the candidate's value
    record Sides(double baseline, double candidate) {}
}
