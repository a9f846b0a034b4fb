package dev.saiki.evidence;

import java.util.Objects;

/// A test of a gate by the mean difference between the candidate's and the baseline's loss, with one difference
/// per conversation. A retreat is final; a promotion lasts until there is evidence for a retreat.
///
/// The test consists of two products of bets: ∏(1 + λ(x − m)) grows if the candidate is worse than tolerated, ∏(1
/// − λ(x − m)) if the candidate is not, with x = (1 + d)/2 for the difference d, and m = (1 + ε)/2 for the
/// tolerance ε. A {@link StakeMixture} sets the stakes λ.
///
/// Libraries for e-processes exist in Python and R, but none was found for the JVM.
public final class SequentialTest implements GateTest {

    private final GateSettings settings;
    private final double tolerated;
    private final StakeMixture retreat;
    private final StakeMixture promote;
    private long observed;
    private boolean retreats;
    private boolean promotes;

    /// The stored state.
    private record State(
            double tolerance,
            long observed,
            StakeMixture.State retreat,
            StakeMixture.State promote,
            boolean retreats,
            boolean promotes) {

        State {
            Objects.requireNonNull(retreat);
            Objects.requireNonNull(promote);
        }
    }

    private SequentialTest(GateSettings settings, State state) {
        this.settings = settings;
        this.tolerated = (1 + settings.tolerance()) / 2;
        this.retreat = new StakeMixture(1 / tolerated, state.retreat());
        this.promote = new StakeMixture(1 / (1 - tolerated), state.promote());
        this.observed = state.observed();
        this.retreats = state.retreats();
        this.promotes = state.promotes();
    }

    /// Begins a test.
    ///
    /// @param settings the settings of the test's gate
    /// @return a test without observations
    public static SequentialTest begin(GateSettings settings) {
        StakeMixture.State none = StakeMixture.State.NONE;
        return new SequentialTest(settings, new State(settings.tolerance(), 0, none, none, false, false));
    }

    /// Resumes a stored test.
    ///
    /// @param settings the settings of the test's gate, unchanged
    /// @param text the result of {@link #state}
    /// @return a test with all observations of the stored test
    /// @throws IllegalArgumentException if the state is malformed or has another tolerance
    public static SequentialTest resume(GateSettings settings, String text) {
        State state = StateJson.read(text, State.class);
        if (state.tolerance() != settings.tolerance()) {
            throw new IllegalArgumentException("the test began with tolerance " + state.tolerance()
                    + " and cannot continue with " + settings.tolerance());
        }
        return new SequentialTest(settings, state);
    }

    /// Adds the next conversation, in order of assignment.
    ///
    /// @param difference the candidate's mean loss minus the baseline's, from -1 to 1
    public void observe(double difference) {
        if (!(difference >= -1 && difference <= 1)) {
            throw new IllegalArgumentException("a difference must be from -1 to 1, got " + difference);
        }
        double x = (1 + difference) / 2;
        observed++;
        retreat.observe(x - tolerated);
        promote.observe(tolerated - x);
        retreats |= retreat.logEvidence() >= -Math.log(settings.retreatError());
        promotes |= promote.logEvidence() >= -Math.log(settings.promoteError());
    }

    @Override
    public Decision decision() {
        if (retreats) {
            return Decision.RETREAT;
        }
        return promotes ? Decision.PROMOTE : Decision.CONTINUE;
    }

    @Override
    public double logRetreatEvidence() {
        return retreat.logEvidence();
    }

    @Override
    public double logPromoteEvidence() {
        return promote.logEvidence();
    }

    @Override
    public long observed() {
        return observed;
    }

    @Override
    public String state() {
        return StateJson.write(
                new State(settings.tolerance(), observed, retreat.state(), promote.state(), retreats, promotes));
    }
}
