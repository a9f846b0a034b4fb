package dev.saiki.evidence;

/// A pair of sequential tests of one gate: that the candidate is worse than tolerated, and that it is not. Their
/// evidence is valid at any time. Not thread-safe.
public sealed interface GateTest permits SequentialTest, FigureTest {

    /// Returns the current decision.
    ///
    /// @return the conclusion
    Decision decision();

    /// Returns the evidence that the candidate is worse than tolerated.
    ///
    /// @return natural logarithm; 0 if nothing was observed
    double logRetreatEvidence();

    /// Returns the evidence that the candidate is not worse than tolerated.
    ///
    /// @return natural logarithm; 0 if nothing was observed
    double logPromoteEvidence();

    /// Returns the number of observed conversations.
    ///
    /// @return their number
    long observed();

    /// Returns the state from which the test can be resumed in another process.
    ///
    /// @return JSON on one line
    String state();
}
