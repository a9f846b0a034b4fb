package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.RandomRouterScore;
import dev.saiki.engine.settings.DepthBounds;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.RouterDecision;
import java.util.List;

/// The baseline: a token's score is a hash of its position and the step, so its depth depends on nothing else.
///
/// Of those at step r − 1 the share c(r) / c(r − 1) goes on.
///
/// @param capacities share of all tokens at each step
/// @param gate how an output is weighted
record RandomRouter(List<Double> capacities, ExpertRouter.Gate gate) implements Router {

    RandomRouter {
        capacities = List.copyOf(capacities);
    }

    @Override
    public void begin(Span span, FlopCounter flops) {}

    @Override
    public boolean goesOn(Span span, int token, int step, FlopCounter flops) {
        DepthBounds bounds = span.route().bounds();
        if (step >= bounds.deepest(capacities.size())) {
            return false;
        }
        float score = RandomRouterScore.causal(span.position(token), step);
        span.gates[token] = gate.of(score);
        if (step == 0) {
            return true;
        }
        double threshold = 1 - capacities.get(step) / capacities.get(step - 1);
        boolean goesOn = score >= threshold;
        span.note(new RouterDecision(step, score, threshold, goesOn));
        span.choose(token, step, goesOn);
        int forced = span.forcedDepth(token);
        if (forced != ForcedDepths.AS_ROUTED) {
            return step < forced;
        }
        return step < bounds.min() || goesOn || span.hasNoChoice(token);
    }

    @Override
    public float[] leavingState(Span span, int token, int step, float[] outputs, int from) {
        return span.state(token);
    }

    @Override
    public void merge(Span span, int token, int step, float[] outputs, int from) {
        gate.merge(span, token, outputs, from);
    }
}
