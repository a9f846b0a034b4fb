package dev.saiki.train.schedule;

/// A trapezoidal learning rate schedule: a linear warm-up from zero, a plateau at the peak, and a linear
/// decay to the end.
///
/// With w warm-up steps, d decay steps, N steps in all and p = N − d, the rate at step t is `peak · t / w` for t <
/// w, `peak` for w ≤ t < p, and `peak · (m + (1 − m) · (1 − (t − p) / d))` for t ≥ p, where m is the final rate as
/// a share of the peak. This schedule is that of the paper's main and equal-compute runs (Mixture-of-Recursions,
/// arXiv:2507.10524, appendices B and D), in which m is 0. The plateau does not depend on the length of the run:
/// any state saved there can be cooled down to a finished model by a separate run.
///
/// @param peak the learning rate of the plateau, positive
/// @param totalSteps the number of steps of the whole run, at least 1
/// @param warmupSteps the number of warm-up steps; 0 for none
/// @param decaySteps the number of decay steps, 0 for none; warm-up and decay must not overlap
/// @param minRatio the final learning rate as a share of the peak, in [0, 1]
public record WarmupStableDecay(double peak, long totalSteps, long warmupSteps, long decaySteps, double minRatio)
        implements LearningRateSchedule {

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException if a value is out of range, or warm-up and decay overlap
    public WarmupStableDecay {
        if (!(peak > 0) || totalSteps < 1 || warmupSteps < 0 || decaySteps < 0 || !(minRatio >= 0 && minRatio <= 1)) {
            throw new IllegalArgumentException("a value is out of range: peak " + peak + ", totalSteps " + totalSteps
                    + ", warmupSteps " + warmupSteps + ", decaySteps " + decaySteps + ", minRatio " + minRatio);
        }
        if (warmupSteps + decaySteps > totalSteps) {
            throw new IllegalArgumentException("warm-up (" + warmupSteps + ") and decay (" + decaySteps
                    + ") are longer than the run (" + totalSteps + ")");
        }
    }

    @Override
    public double at(long step) {
        if (step < warmupSteps) {
            return peak * step / warmupSteps;
        }
        long decayed = step - (totalSteps - decaySteps);
        if (decayed < 0) {
            return peak;
        }
        double left = decayed >= decaySteps ? 0 : 1 - (double) decayed / decaySteps;
        return peak * (minRatio + (1 - minRatio) * left);
    }
}
