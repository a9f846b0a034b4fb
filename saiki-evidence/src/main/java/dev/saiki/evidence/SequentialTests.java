package dev.saiki.evidence;

/// The factory of sequential tests.
public final class SequentialTests {

    private SequentialTests() {}

    /// Begins a test.
    ///
    /// @param settings of its gate
    /// @return a test without observations
    public static SequentialTest of(GateSettings settings) {
        return BettingTest.begin(settings);
    }

    /// Resumes a test.
    ///
    /// @param settings of its gate, unchanged
    /// @param state result of {@link SequentialTest#state}
    /// @return a test with all observations of the stored one
    /// @throws IllegalArgumentException if the state is malformed, or belongs to another tolerance
    public static SequentialTest resume(GateSettings settings, String state) {
        return BettingTest.resume(settings, state);
    }
}
