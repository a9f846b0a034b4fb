package dev.saiki.evidence;

/// The factory of sequential tests.
public final class SequentialTests {

    private SequentialTests() {}

    /// Begins a test.
    ///
    /// @param settings of its gate
    /// @return a test that has observed nothing
    public static SequentialTest of(GateSettings settings) {
        return BettingTest.begin(settings);
    }

    /// Goes on with a test.
    ///
    /// @param settings of its gate, as they were
    /// @param state what {@link SequentialTest#state} gave
    /// @return a test that knows all that the other one had observed
    /// @throws IllegalArgumentException if the state is none, or of another tolerance
    public static SequentialTest resume(GateSettings settings, String state) {
        return BettingTest.resume(settings, state);
    }
}
