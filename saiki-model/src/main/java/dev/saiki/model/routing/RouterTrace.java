package dev.saiki.model.routing;

import java.util.Arrays;

/// A record of a router's decisions, including those that forced depths override.
///
/// For expert-choice, expert-threshold and random routing the decisions at each step are about the tokens that
/// took the previous step. Token choice makes one decision per token about all steps.
public final class RouterTrace {

    private final int time;
    private final float[][] confidences;
    private final float[][] margins;

    RouterTrace(int numRecursions, int batch, int time) {
        this.time = time;
        this.confidences = new float[numRecursions][batch * time];
        this.margins = new float[numRecursions][batch * time];
        for (int step = 0; step < numRecursions; step++) {
            Arrays.fill(confidences[step], Float.NaN);
            Arrays.fill(margins[step], Float.NaN);
        }
    }

    /// Records a decision.
    void put(int step, int sequence, int position, double confidence, double margin) {
        confidences[step][sequence * time + position] = (float) confidence;
        margins[step][sequence * time + position] = (float) margin;
    }

    /// Returns the router's confidence that tokens should take a step: for expert routing, the sigmoid of the
    /// deciding logit; for token choice, the probability of the depths that include the step, given that the
    /// token took the previous step; for random routing, the number drawn.
    ///
    /// @param sequence the index of the sequence in the batch
    /// @param step the recursion step that the decisions are about, from 1
    /// @return one number per token in [0, 1]; NaN without a decision
    public float[] confidences(int sequence, int step) {
        return Arrays.copyOfRange(confidences[step], sequence * time, (sequence + 1) * time);
    }

    /// Returns the margins of decisions: for expert and random routing, the log-odds of the confidence minus
    /// the log-odds of the threshold; for token choice, the logarithm of the ratio of the best score of the
    /// depths that include the step to the best score of the shallower depths.
    ///
    /// @param sequence the index of the sequence in the batch
    /// @param step the recursion step that the decisions are about, from 1
    /// @return one number per token, at least 0 if the decision was to continue; NaN without a decision
    public float[] margins(int sequence, int step) {
        return Arrays.copyOfRange(margins[step], sequence * time, (sequence + 1) * time);
    }
}
