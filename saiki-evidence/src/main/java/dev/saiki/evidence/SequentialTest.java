package dev.saiki.evidence;

/// A test of a gate by the mean difference of pairs. A retreat is final, even after a promotion; a promotion
/// stands until there is evidence for a retreat, unless the settings require recent evidence.
public sealed interface SequentialTest extends GateTest permits BettingTest {

    /// Adds the next conversation, in order of assignment.
    ///
    /// @param difference the candidate's mean loss minus the baseline's, from -1 to 1
    void observe(double difference);
}
