package dev.saiki.rollout.evidence;

import java.util.Collection;

/// The beginnings of sequential tests: a new one, and one that goes on; and what several say together.
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
    /// @throws dev.saiki.io.InputException if the state is none, or of another tolerance
    public static SequentialTest resume(GateSettings settings, String state) {
        return BettingTest.resume(settings, state);
    }

    /// Puts the gates of a state together: one that speaks for a retreat is enough, and a promotion needs
    /// all.
    ///
    /// @param gates what each decides
    /// @return what they decide together
    public static Decision together(Collection<Decision> gates) {
        if (gates.contains(Decision.RETREAT)) {
            return Decision.RETREAT;
        }
        return !gates.isEmpty() && gates.stream().allMatch(Decision.PROMOTE::equals)
                ? Decision.PROMOTE
                : Decision.CONTINUE;
    }
}
