package dev.saiki.model.routing;

import java.util.Arrays;

/// A record of a router's decisions before overrides.
///
/// Of expert-choice, expert-threshold and random routing these are, at each step, the tokens that took the step
/// before. Token-choice decides about all steps of all tokens at once.
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

    /// Notes a decision.
    void put(int step, int sequence, int position, double confidence, double margin) {
        confidences[step][sequence * time + position] = (float) confidence;
        margins[step][sequence * time + position] = (float) margin;
    }

    /// Returns how sure the router was that tokens should take a step: for expert routing the sigmoid of the logit
    /// that decides, for token-choice the probability of going deeper among the depths that are left, for random
    /// routing the number drawn.
    ///
    /// @param sequence index of the sequence in the batch
    /// @param step the step decided about, from 1
    /// @return one number per token, at least 0 if it was to continue; NaN without a decision
    public float[] confidences(int sequence, int step) {
        return Arrays.copyOfRange(confidences[step], sequence * time, (sequence + 1) * time);
    }

    /// Returns how far decisions were from being others: for expert and random routing the log-odds of the
    /// confidence above those of the threshold, for token-choice the logarithm of the best score of a deeper depth
    /// over the best of the others.
    ///
    /// @param sequence index of the sequence in the batch
    /// @param step the step decided about, from 1
    /// @return one number a token, at least 0 if it was to go on; NaN where the router did not decide
    public float[] margins(int sequence, int step) {
        return Arrays.copyOfRange(margins[step], sequence * time, (sequence + 1) * time);
    }
}
