package dev.saiki.evidence;

import java.util.Map;

/// The figures of both sides over a gate's conversations: sums of losses, or histograms of latencies.
final class Figures {

    private final LatencyHistogram baseline;
    private final LatencyHistogram candidate;
    private double baselineSum;
    private double candidateSum;

    /// The stored state.
    record State(double baselineSum, double candidateSum, Map<Integer, Long> baseline, Map<Integer, Long> candidate) {

        static final State NONE = new State(0, 0, Map.of(), Map.of());

        State {
            baseline = Map.copyOf(baseline);
            candidate = Map.copyOf(candidate);
        }
    }

    Figures(State state) {
        this.baseline = new LatencyHistogram(state.baseline());
        this.candidate = new LatencyHistogram(state.candidate());
        this.baselineSum = state.baselineSum();
        this.candidateSum = state.candidateSum();
    }

    void observe(GateMeasure measure, GateTest.Sides sides) {
        switch (measure) {
            case GateMeasure.Difference _, GateMeasure.Rate _ -> {
                baselineSum += sides.baseline();
                candidateSum += sides.candidate();
            }
            case GateMeasure.Exceedance exceedance -> {
                baselineSum += sides.baseline() > exceedance.seconds() ? 1 : 0;
                candidateSum += sides.candidate() > exceedance.seconds() ? 1 : 0;
            }
            case GateMeasure.Latency _, GateMeasure.RelativeLatency _ -> {
                baseline.observe(sides.baseline());
                candidate.observe(sides.candidate());
            }
        }
    }

    GateTest.Sides of(GateMeasure measure, long observed) {
        return switch (measure) {
            case GateMeasure.Difference _, GateMeasure.Rate _, GateMeasure.Exceedance _ ->
                new GateTest.Sides(baselineSum / observed, candidateSum / observed);
            case GateMeasure.Latency latency -> quantiles(latency.share());
            case GateMeasure.RelativeLatency latency -> quantiles(latency.share());
        };
    }

    private GateTest.Sides quantiles(double share) {
        return new GateTest.Sides(baseline.quantile(share), candidate.quantile(share));
    }

    double baselineQuantile(double share) {
        return baseline.quantile(share);
    }

    State state() {
        return new State(baselineSum, candidateSum, baseline.bins(), candidate.bins());
    }
}
