package dev.saiki.rollout.evidence;

/// A pair of tests of one gate, that the candidate is worse than is tolerated and that it is not, which may
/// be looked at after each observation. Not safe for several threads.
public interface SequentialTest {

    /// Takes the next conversation, in order of assignment.
    ///
    /// @param difference the candidate's mean loss less the baseline's, from -1 to 1
    void observe(double difference);

    /// Returns what the evidence allows now. A retreat that was once decided stays, and comes after a
    /// promotion too; a promotion stays as long as nothing speaks for a retreat, unless the settings ask
    /// for recent evidence.
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

    /// Returns all that {@link SequentialTests#resume} needs to go on after the process has ended.
    ///
    /// @return JSON on one line
    String state();
}
