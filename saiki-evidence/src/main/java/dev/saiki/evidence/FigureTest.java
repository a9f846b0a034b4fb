package dev.saiki.evidence;

/// A test of a gate by one figure per side, such as the error rate, rather than by single pairs.
///
/// Each conversation counts once, in order of assignment. The bounds are time-uniform if the underlying figures
/// are constant. Unlike {@link SequentialTest}, the test is not valid if they change.
///
/// If the limit is relative to the baseline, the bound on the baseline's figure gets half of the error
/// probability.
public sealed interface FigureTest extends GateTest permits RateTest, QuantileTest {

    /// Adds the next conversation, in order of assignment.
    ///
    /// @param sides measured values
    void observe(Sides sides);

    /// Returns the observed figures.
    ///
    /// @return the figures of both sides; NaN for a figure without observations
    Sides figures();

    /// One value per side.
    ///
    /// @param baseline the baseline's value
    /// @param candidate the candidate's value
    record Sides(double baseline, double candidate) {}
}
