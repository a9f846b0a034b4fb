package dev.saiki.evidence;

import java.util.Objects;

/// The evidence that a candidate is within a tolerance, over a whole stage and over its recent part.
///
/// The evidence over the whole stage keeps the promise: it reaches 1/β with a probability of at most β if the
/// candidate is never within the tolerance ({@link StakeMixture}). But a candidate that was good for long and is bad
/// now has much of it, so the recent part must reach 1/β by itself too, at the moment of the decision. At first
/// the recent part is the whole stage; once renewed, it has between one and two windows of observations. A window has
/// twice as many as the whole stage needed to reach 1/β first, so that chance seldom takes the evidence away again.
final class Clearance {

    private final double bound;
    private final double threshold;
    private final StakeMixture whole;
    private StakeMixture recent;
    private StakeMixture younger;
    private long observed;
    private long window;
    private long inYounger;

    /// The stored state.
    ///
    /// @param whole the evidence over the whole stage
    /// @param recent the evidence over the recent part
    /// @param younger the evidence that becomes the recent part once it has a window of observations
    /// @param observed the number of observations
    /// @param window the number of observations of a window; 0 until the whole stage has reached 1/β
    /// @param inYounger the number of observations of `younger`
    record State(
            StakeMixture.State whole,
            StakeMixture.State recent,
            StakeMixture.State younger,
            long observed,
            long window,
            long inYounger) {

        static final State NONE =
                new State(StakeMixture.State.NONE, StakeMixture.State.NONE, StakeMixture.State.NONE, 0, 0, 0);

        State {
            Objects.requireNonNull(whole);
            Objects.requireNonNull(recent);
            Objects.requireNonNull(younger);
        }
    }

    /// Begins, or resumes from a state.
    ///
    /// @param bound the stake at which the smallest possible observation makes a factor zero
    /// @param error β
    Clearance(double bound, double error, State state) {
        this.bound = bound;
        this.threshold = -Math.log(error);
        this.whole = new StakeMixture(bound, state.whole());
        this.recent = new StakeMixture(bound, state.recent());
        this.younger = new StakeMixture(bound, state.younger());
        this.observed = state.observed();
        this.window = state.window();
        this.inYounger = state.inYounger();
    }

    /// Adds the next observation.
    ///
    /// @param margin the bound on the mean minus the observed number: positive if the candidate is within it
    void observe(double margin) {
        observed++;
        whole.observe(margin);
        recent.observe(margin);
        if (window == 0) {
            window = whole.logEvidence() >= threshold ? 2 * observed : 0;
            return;
        }
        younger.observe(margin);
        inYounger++;
        if (inYounger >= window) {
            recent = younger;
            younger = new StakeMixture(bound, StakeMixture.State.NONE);
            inYounger = 0;
        }
    }

    /// Whether the whole stage and its recent part both have enough evidence now.
    boolean isGiven() {
        return whole.logEvidence() >= threshold && recent.logEvidence() >= threshold;
    }

    /// The natural logarithm of the lesser of the two kinds of evidence.
    double logEvidence() {
        return Math.min(whole.logEvidence(), recent.logEvidence());
    }

    State state() {
        return new State(whole.state(), recent.state(), younger.state(), observed, window, inYounger);
    }
}
