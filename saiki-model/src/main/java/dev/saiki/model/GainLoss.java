package dev.saiki.model;

import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.Arrays;

/// The loss of routers trained on measured gains, step by step.
final class GainLoss {

    private static final double MIN_WEIGHT = 1e-6;

    private final GainTarget target;

    /// The tokens labelled to continue at the previous step; for weighted labels only.
    private boolean[] continued = {};

    GainLoss(GainTarget target) {
        this.target = target;
    }

    /// Computes the loss of the next step.
    ///
    /// @param logits FLOAT32 `[n]`, the router's logits with their autograd history
    /// @param gains FLOAT32 `[n]`, the gain of each token in nats, or the divergence if that is the target
    /// @return a scalar, the mean over tokens
    Tensor ofStep(Tensor logits, Tensor gains) {
        return switch (target) {
            case GainTarget.Regression regression -> squaredError(logits, gains, regression.clip());
            case GainTarget.Divergence divergence -> squaredError(logits, gains, divergence.clip());
            case GainTarget.WeightedLabels labels -> ofLabels(logits, gains.toFloats(), labels.keptGain());
        };
    }

    private static Tensor squaredError(Tensor logits, Tensor gains, double clip) {
        return logits.subtract(Functional.clamp(gains, -clip, clip)).square().mean();
    }

    private Tensor ofLabels(Tensor logits, float[] gains, double keptGain) {
        if (continued.length == 0) {
            continued = new boolean[gains.length];
            Arrays.fill(continued, true);
        }
        double cut = cut(gains, keptGain);
        float[] labels = new float[gains.length];
        float[] weights = new float[gains.length];
        int ones = 0;
        int candidates = 0;
        for (int i = 0; i < gains.length; i++) {
            weights[i] = (float) (continued[i] ? Math.clamp(Math.abs(gains[i] - cut), MIN_WEIGHT, 1.0) : MIN_WEIGHT);
            candidates += continued[i] ? 1 : 0;
            continued[i] &= gains[i] > 0 && gains[i] >= cut;
            labels[i] = continued[i] ? 1 : 0;
            ones += continued[i] ? 1 : 0;
        }
        double scale = ones == 0 ? 1 : (double) (candidates - ones) / ones;
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= labels[i] == 1 ? (float) scale : 1;
        }
        return Functional.binaryCrossEntropyWithLogits(
                logits,
                Tensors.like(logits).of(labels, labels.length),
                Tensors.like(logits).of(weights, weights.length));
    }

    /// The smallest wanted gain, where the wanted gains are the largest ones, as many as needed for a given
    /// share of the sum of all positive gains; 0 if no gain is positive.
    private static double cut(float[] gains, double keptGain) {
        float[] rising = gains.clone();
        Arrays.sort(rising);
        double all = 0;
        for (float gain : rising) {
            all += Math.max(gain, 0);
        }
        double held = 0;
        double cut = 0;
        for (int i = rising.length - 1; i >= 0 && rising[i] > 0 && held < keptGain * all; i--) {
            held += rising[i];
            cut = rising[i];
        }
        return cut;
    }
}
