package dev.saiki.evidence;

/// A test of a gate by one figure of each side, such as its error rate, rather than by pairs.
///
/// Each conversation counts once, in order of assignment. The bounds hold at all times together as
/// long as the figures stay the same; other than a {@link SequentialTest}, they do not speak of a mean
/// that changes.
///
/// Where the limit is the baseline's figure, half of the error goes to a bound on that.
public sealed interface FigureTest extends GateTest permits RateTest, QuantileTest {

    /// Takes the next conversation, in order of assignment.
    ///
    /// @param sides what was measured
    void observe(Sides sides);

    /// Returns the figure as it was seen.
    ///
    /// @return on both sides; not a number where nothing was observed
    Sides figures();

    /// A number of each side.
    ///
    /// @param baseline the baseline's
    /// @param candidate the candidate's
    record Sides(double baseline, double candidate) {}
}
