package dev.saiki.evidence;

/// A pair of sequential tests of one gate: that the candidate is worse than tolerated, and that it is not. Their
/// evidence is valid at any time. Not thread-safe.
public sealed interface GateTest permits SequentialTest, FigureTest {

    /// Returns what the evidence allows now.
    ///
    /// @return the conclusion
    Decision decision();

    /// Returns the evidence that the candidate is worse than is tolerated.
    ///
    /// @return natural logarithm; 0 where nothing was observed
    double logRetreatEvidence();

    /// Returns the evidence that the candidate is not worse than is tolerated.
    ///
    /// @return natural logarithm; 0 where nothing was observed
    double logPromoteEvidence();

    /// Returns how many conversations were observed.
    ///
    /// @return their number
    long observed();

    /// Returns all that is needed to go on after the process has ended.
    ///
    /// @return JSON on one line
    String state();
}
