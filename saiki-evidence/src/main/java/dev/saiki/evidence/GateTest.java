package dev.saiki.evidence;

/// A pair of sequential tests of one gate. One test gathers evidence that the candidate is worse than the tolerance
/// allows, the other that it is within the tolerance. The evidence is valid at any time. Not thread-safe.
public sealed interface GateTest permits SequentialTest, FigureTest {

    /// Returns the current decision.
    ///
    /// @return the conclusion
    Decision decision();

    /// Returns the evidence that the candidate is worse than tolerated.
    ///
    /// @return the natural logarithm of that evidence; 0 without observations
    double logRetreatEvidence();

    /// Returns the evidence that the candidate is not worse than tolerated.
    ///
    /// @return the natural logarithm of that evidence; 0 without observations
    double logPromoteEvidence();

    /// Returns the number of observed conversations.
    ///
    /// @return the number of conversations
    long observed();

    /// Returns the state from which another process can resume the test.
    ///
    /// @return JSON on one line
    String state();
}
