package dev.saiki.evidence;

/// A test of a gate by one figure per side, such as its error rate, rather than by pairs.
///
/// Each conversation counts once, in order of assignment. The bounds are time-uniform as long as the underlying
/// figures are constant; unlike {@link SequentialTest}, they make no statement about a changing mean.
///
/// Where the limit is relative to the baseline, half of the error goes to the bound on the baseline's figure.
public sealed interface FigureTest extends GateTest permits RateTest, QuantileTest {

    /// Adds the next conversation, in order of assignment.
    ///
    /// @param sides measured values
    void observe(Sides sides);

    /// Returns the observed figures.
    ///
    /// @return of both sides; NaN where nothing was observed
    Sides figures();

    /// One value per side.
    ///
    /// @param baseline the baseline's
    /// @param candidate the candidate's
    record Sides(double baseline, double candidate) {}
}
