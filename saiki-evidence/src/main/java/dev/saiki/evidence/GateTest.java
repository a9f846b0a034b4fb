package dev.saiki.evidence;

import java.util.List;
import java.util.Objects;

/// The evidence of one gate: a {@link ChangeDetector} for a candidate that has become worse than its bound allows, and
/// a {@link Clearance} for one that is within the bound. Each observation is one conversation; both kinds of evidence
/// are valid however often they are looked at.
///
/// Libraries for e-processes exist in Python and R, but none was found for the JVM.
///
/// Not thread-safe.
public final class GateTest {

    private final GateMeasure measure;
    private final ChangeDetector change;
    private final Clearance clearance;
    private final Figures figures;
    private long observed;

    /// One value for each side: a loss from 0 to 1, 1 for a failure, or seconds (infinite for an answer that never
    /// came), by the gate's measure.
    ///
    /// @param baseline the baseline's value, at least 0
    /// @param candidate the candidate's value, at least 0
    public record Sides(double baseline, double candidate) {

        /// Returns losses with a given difference.
        ///
        /// @param difference the candidate's loss minus the baseline's, from -1 to 1
        /// @return losses of which one is 0
        public static Sides ofDifference(double difference) {
            return new Sides(Math.max(0, -difference), Math.max(0, difference));
        }
    }

    /// The stored state.
    private record State(
            String measure, long observed, List<Double> change, Clearance.State clearance, Figures.State figures) {

        State {
            Objects.requireNonNull(measure);
            Objects.requireNonNull(clearance);
            Objects.requireNonNull(figures);
            change = List.copyOf(change);
        }
    }

    private GateTest(GateMeasure measure, double error, State state) {
        this.measure = measure;
        double most = greatest(measure);
        this.change = new ChangeDetector(1 / (1 - most), state.change());
        this.clearance = new Clearance(1 / most, error, state.clearance());
        this.figures = new Figures(state.figures());
        this.observed = state.observed();
    }

    /// Begins a test.
    ///
    /// @param measure what the gate measures
    /// @param error β of this test: the largest probability of clearing a candidate that is not within the bound
    /// @return a test without observations
    public static GateTest begin(GateMeasure measure, double error) {
        return new GateTest(
                measure,
                error,
                new State(measure.toString(), 0, ChangeDetector.NONE, Clearance.State.NONE, Figures.State.NONE));
    }

    /// Resumes a stored test.
    ///
    /// @param measure what the gate measures, unchanged
    /// @param error β of this test, unchanged
    /// @param text the result of {@link #state}
    /// @return a test with all observations of the stored test
    /// @throws IllegalArgumentException if the state is malformed or of another measure
    public static GateTest resume(GateMeasure measure, double error, String text) {
        State state = StateJson.read(text, State.class);
        if (!state.measure().equals(measure.toString())) {
            throw new IllegalArgumentException(
                    "the test began as " + state.measure() + " and cannot continue as " + measure);
        }
        return new GateTest(measure, error, state);
    }

    /// The greatest possible excess; the least possible one is that minus 1.
    private static double greatest(GateMeasure measure) {
        return switch (measure) {
            case GateMeasure.Difference difference -> (1 - difference.tolerance()) / 2;
            case GateMeasure.Rate rate -> 1 - rate.limit();
            case GateMeasure.Latency latency -> latency.share();
            case GateMeasure.RelativeLatency _ -> 0.5;
            case GateMeasure.Exceedance exceedance -> (1 - exceedance.tolerance()) / 2;
        };
    }

    /// Adds the next conversation.
    ///
    /// @param sides the values of both sides
    public void observe(Sides sides) {
        observe(sides, sides);
    }

    /// Adds the next conversation, of which only bounds on the baseline's value are known.
    ///
    /// @param least the values with the candidate's least excess, which count for a retreat
    /// @param most the values with the candidate's greatest excess, which count against a clearance
    public void observe(Sides least, Sides most) {
        double leastExcess = excess(least);
        double mostExcess = excess(most);
        observed++;
        figures.observe(measure, least);
        change.observe(leastExcess);
        clearance.observe(-mostExcess);
    }

    /// The measured value minus the bound on its mean, scaled so that the values of all conversations span 1.
    private double excess(Sides sides) {
        return switch (measure) {
            case GateMeasure.Difference difference ->
                (Math.clamp(sides.candidate() - sides.baseline(), -1.0, 1.0) - difference.tolerance()) / 2;
            case GateMeasure.Rate rate -> (sides.candidate() > 0 ? 1 : 0) - rate.limit();
            case GateMeasure.Latency latency -> (sides.candidate() > latency.seconds() ? 1 : 0) - (1 - latency.share());
            case GateMeasure.RelativeLatency latency -> relative(latency, sides);
            case GateMeasure.Exceedance exceedance ->
                ((sides.candidate() > exceedance.seconds() ? 1 : 0)
                                - (sides.baseline() > exceedance.seconds() ? 1 : 0)
                                - exceedance.tolerance())
                        / 2;
        };
    }

    /// Uses the baseline's quantile over earlier conversations only, so that the bet is fixed before it is decided.
    private double relative(GateMeasure.RelativeLatency latency, Sides sides) {
        double quantile = observed == 0 ? Double.POSITIVE_INFINITY : figures.baselineQuantile(latency.share());
        double candidate = sides.candidate() > latency.times() * quantile || isEndless(sides.candidate()) ? 1 : 0;
        double usual = sides.baseline() > quantile || isEndless(sides.baseline()) ? 1 : 0;
        return (candidate - usual) / 2;
    }

    private static boolean isEndless(double seconds) {
        return Double.isInfinite(seconds);
    }

    /// Returns the evidence of a change for the worse.
    ///
    /// @return at least 0; see {@link ChangeDetector#evidence}
    public double changeEvidence() {
        return change.evidence();
    }

    /// Returns whether the candidate is cleared: the evidence of all conversations and that of the recent ones show now
    /// that it is within the bound.
    ///
    /// @return whether the gate allows a promotion
    public boolean isCleared() {
        return clearance.isGiven();
    }

    /// Returns the lesser of the evidence of all conversations and that of the recent ones.
    ///
    /// @return the natural logarithm; the candidate is cleared from -ln β on
    public double logClearance() {
        return clearance.logEvidence();
    }

    /// Returns the figure of each side over all conversations so far.
    ///
    /// @return the mean losses or the rates of both sides, or the quantiles of their latencies; NaN without
    ///     conversations, infinite if too many answers never came
    public Sides figures() {
        return figures.of(measure, observed);
    }

    /// Returns the number of observed conversations.
    ///
    /// @return the number
    public long observed() {
        return observed;
    }

    /// Returns the state from which another process can resume the test.
    ///
    /// @return JSON on one line
    public String state() {
        return StateJson.write(
                new State(measure.toString(), observed, change.state(), clearance.state(), figures.state()));
    }
}
