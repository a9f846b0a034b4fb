package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.Calibration;
import dev.saiki.eval.audit.RouterAudit.CalibrationBin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The calibration of the router's confidence: how well the confidence predicts whether one more recursion
/// helps, measured on the decisions about sampled tokens.
final class CalibrationCurves {

    private static final int BINS = 10;
    private static final int MIN_PER_BIN = 10;

    private CalibrationCurves() {}

    /// A routing decision for one step of a token.
    ///
    /// @param cluster the piece of text that the token belongs to
    /// @param step the decided step, from 1
    /// @param confidence the router's confidence
    /// @param helps whether the step lowers the token's loss
    private record Decision(int cluster, int step, double confidence, boolean helps) implements Observation {}

    /// Computes the calibration over all steps together, followed by the calibration of each step.
    static List<Calibration> of(List<SampledToken> samples, int numRecursions) {
        List<Decision> decisions = new ArrayList<>();
        for (SampledToken sample : samples) {
            for (int step = 1; step < numRecursions; step++) {
                if (sample.token().isDecidedAt(step)) {
                    decisions.add(new Decision(
                            sample.cluster(),
                            step,
                            sample.token().confidence(step),
                            sample.loss(step + 1) < sample.loss(step)));
                }
            }
        }
        List<Calibration> calibrations = new ArrayList<>();
        calibrations.add(measure(0, decisions));
        for (int step = 1; step < numRecursions; step++) {
            int own = step;
            calibrations.add(measure(
                    step,
                    decisions.stream()
                            .filter(decision -> decision.step() == own)
                            .toList()));
        }
        return calibrations;
    }

    private static Calibration measure(int step, List<Decision> decisions) {
        List<CalibrationBin> bins = bins(decisions);
        double distance = 0;
        for (CalibrationBin bin : bins) {
            distance += bin.decisions()
                    * Math.abs(bin.meanConfidence() - bin.helped().mean())
                    / decisions.size();
        }
        return new Calibration(
                step,
                decisions.size(),
                ClusterStatistics.share(decisions, Decision::helps),
                bins.isEmpty() ? Double.NaN : distance,
                ClusterStatistics.discrimination(decisions, Decision::step, Decision::confidence, Decision::helps),
                bins);
    }

    private static List<CalibrationBin> bins(List<Decision> decisions) {
        List<Decision> rising = new ArrayList<>(decisions);
        rising.sort(Comparator.comparingDouble(Decision::confidence));
        int count = Math.min(BINS, rising.size() / MIN_PER_BIN);
        List<CalibrationBin> bins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Decision> some = rising.subList(i * rising.size() / count, (i + 1) * rising.size() / count);
            bins.add(new CalibrationBin(
                    some.getFirst().confidence(),
                    some.getLast().confidence(),
                    some.size(),
                    some.stream().mapToDouble(Decision::confidence).average().orElseThrow(),
                    ClusterStatistics.share(some, Decision::helps)));
        }
        return bins;
    }
}
