package dev.saiki.rollout.evidence;

/// The beginnings of sequential tests: a new one, and one that goes on.
public final class SequentialTests {

    private SequentialTests() {}

    /// Begins a test.
    ///
    /// @param settings of its gate
    /// @return a test that has observed nothing
    public static SequentialTest of(GateSettings settings) {
        return new FixedStakeTest(settings, 0, 0, 0);
    }

    /// Goes on with a test.
    ///
    /// @param settings of its gate, as they were
    /// @param state what {@link SequentialTest#state} gave
    /// @return a test that knows all that the other one had observed
    /// @throws dev.saiki.io.InputException if the state is none
    public static SequentialTest resume(GateSettings settings, String state) {
        return FixedStakeTest.resume(settings, state);
    }
}
