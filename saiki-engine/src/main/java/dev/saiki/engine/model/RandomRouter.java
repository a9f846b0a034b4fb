package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.RandomRouterScore;
import java.util.List;

/// A random router, used as a baseline: a token's score is a hash of its position and the step, so its depth
/// depends on nothing else.
///
/// Of the tokens that took step r − 1, the share c(r) / c(r − 1) takes step r, where c are the capacities.
///
/// @param capacities share of all tokens that take each step
/// @param gate gate that computes the weight of an output
record RandomRouter(List<Double> capacities, Gate gate) implements Router {

    @Override
    public StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops) {
        float score = RandomRouterScore.causal(chunk.position(token), step);
        if (step == 0) {
            return new StepDecision.Unasked(gate.of(score));
        }
        double threshold = 1 - capacities.get(step) / capacities.get(step - 1);
        return new StepDecision.Scored(gate.of(score), score, threshold, false);
    }

    @Override
    public void merge(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        gate.merge(chunk, token, outputs, from);
    }
}
