package dev.saiki.train.schedule;

/// A learning rate schedule with a linear warm-up, followed by half a cosine from the peak to a share of the
/// peak.
///
/// With w warm-up steps, N steps in all and m the final rate as a share of the peak, the rate at step t is
/// `peak · t / w` for t < w, else `peak · (m + (1 − m) · ½ (1 + cos(π (t − w) / (N − w))))`. The paper's ablations
/// of 5 and 10 billion tokens use this schedule with m = 0.1 (Mixture-of-Recursions, arXiv:2507.10524, appendix
/// B).
///
/// @param peak the highest learning rate, positive
/// @param totalSteps the number of steps of the whole run, at least 1
/// @param warmupSteps the number of warm-up steps, from 0 to the whole run
/// @param minRatio the final learning rate as a share of the peak, in [0, 1]
public record CosineWithWarmup(double peak, long totalSteps, long warmupSteps, double minRatio)
        implements LearningRateSchedule {

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if a value is out of range, or the warm-up is longer than the run
    public CosineWithWarmup {
        if (!(peak > 0)
                || totalSteps < 1
                || warmupSteps < 0
                || warmupSteps > totalSteps
                || !(minRatio >= 0 && minRatio <= 1)) {
            throw new IllegalArgumentException("a value is out of range: peak " + peak + ", totalSteps " + totalSteps
                    + ", warmupSteps " + warmupSteps + ", minRatio " + minRatio);
        }
    }

    @Override
    public double at(long step) {
        if (step < warmupSteps) {
            return peak * step / warmupSteps;
        }
        double progress = Math.min(1, (step - warmupSteps) / (double) Math.max(1, totalSteps - warmupSteps));
        return peak * (minRatio + (1 - minRatio) * 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
    }
}
