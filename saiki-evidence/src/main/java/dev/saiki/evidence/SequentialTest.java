package dev.saiki.evidence;

/// A test of a gate by the mean difference of pairs. A retreat, once decided, stays, even after a promotion; a
/// promotion stays until there is evidence for a retreat, unless the settings ask for recent evidence.
public sealed interface SequentialTest extends GateTest permits BettingTest {

    /// Takes the next conversation, in order of assignment.
    ///
    /// @param difference the candidate's mean loss less the baseline's, from -1 to 1
    void observe(double difference);
}
