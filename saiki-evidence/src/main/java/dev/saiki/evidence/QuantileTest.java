package dev.saiki.evidence;

import java.util.Map;

/// A test of whether a quantile of the candidate's latencies is above or below a limit on it. The test
/// compares the share of latencies above the limit with the share above the quantile ({@link
/// LatencyHistogram}).
public final class QuantileTest implements FigureTest {

    private final GateSettings settings;
    private final double quantile;
    private final FigureLimit limit;
    private LatencyHistogram baseline = new LatencyHistogram(Map.of());
    private LatencyHistogram candidate = new LatencyHistogram(Map.of());

    /// The stored state: the histograms of both sides.
    private record State(Map<Integer, Long> baseline, Map<Integer, Long> candidate) {

        State {
            baseline = Map.copyOf(baseline);
            candidate = Map.copyOf(candidate);
        }
    }

    /// Begins a test.
    ///
    /// @param settings the settings of the gate
    /// @param quantile quantile, as the share of the latencies at or below it, between 0 and 1
    /// @param limit the limit on the candidate's quantile: seconds, or a multiple of the baseline's
    public QuantileTest(GateSettings settings, double quantile, FigureLimit limit) {
        this.settings = settings;
        this.quantile = quantile;
        this.limit = limit;
    }

    /// Resumes a stored test.
    ///
    /// @param settings the settings of the gate
    /// @param quantile quantile, as the share of the latencies at or below it
    /// @param limit the limit on the candidate's quantile
    /// @param state the result of {@link #state}
    /// @return a test with all observations of the stored test
    /// @throws IllegalArgumentException if the state is malformed
    public static QuantileTest resume(GateSettings settings, double quantile, FigureLimit limit, String state) {
        State stored = StateJson.read(state, State.class);
        QuantileTest test = new QuantileTest(settings, quantile, limit);
        test.baseline = new LatencyHistogram(stored.baseline());
        test.candidate = new LatencyHistogram(stored.candidate());
        return test;
    }

    /// Adds the next conversation.
    ///
    /// @param sides the latency of each side in seconds; infinite for an answer that never arrived
    @Override
    public void observe(Sides sides) {
        baseline.observe(sides.baseline());
        candidate.observe(sides.candidate());
    }

    @Override
    public Sides figures() {
        return new Sides(baseline.quantile(quantile), candidate.quantile(quantile));
    }

    @Override
    public Decision decision() {
        return Decision.of(settings, logRetreatEvidence(), logPromoteEvidence());
    }

    @Override
    public double logRetreatEvidence() {
        return switch (limit) {
            case FigureLimit.Fixed fixed -> logLonger(fixed.value());
            case FigureLimit.OfBaseline times -> {
                double bound = times.more()
                        * baseline.quantile(quantile, settings.retreatError()).high();
                yield Double.isInfinite(bound) ? 0 : logLonger(bound) - Math.log(2);
            }
        };
    }

    @Override
    public double logPromoteEvidence() {
        return switch (limit) {
            case FigureLimit.Fixed fixed -> logShorter(fixed.value());
            case FigureLimit.OfBaseline times -> {
                double bound = times.more()
                        * baseline.quantile(quantile, settings.promoteError()).low();
                yield bound <= 0 ? 0 : logShorter(bound) - Math.log(2);
            }
        };
    }

    private double logLonger(double seconds) {
        return new RateBounds(candidate.count(), 0, settings.retreatError())
                .logAbove(1 - quantile, candidate.surelyAbove(seconds));
    }

    private double logShorter(double seconds) {
        return new RateBounds(candidate.count(), 0, settings.promoteError())
                .logBelow(1 - quantile, candidate.possiblyAbove(seconds));
    }

    @Override
    public long observed() {
        return candidate.count();
    }

    @Override
    public String state() {
        return StateJson.write(new State(baseline.bins(), candidate.bins()));
    }
}
