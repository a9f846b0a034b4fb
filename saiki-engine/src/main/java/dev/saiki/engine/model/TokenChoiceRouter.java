package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.engine.settings.RouterDecision;
import java.util.Arrays;
import java.util.stream.IntStream;

/// A router that chooses the depth of each token once, before the first step: the depth with the largest
/// probability, or the shallower of two equally likely depths. At each step the state becomes alpha · g · f(H),
/// where g is the probability of exiting after the step; at the token's last step, the state before its first step
/// is added (MoR paper, section 2.2.1, equation 2.2). A setting can apply the factor alpha · g at the token's last
/// step only, or not at all.
final class TokenChoiceRouter implements Router {

    private final RouterNetwork router;
    private final Routing.TokenChoice routing;
    private final float[] expertBias;
    private final int hidden;
    private final StepDecision[] decisions;

    /// Makes a router.
    ///
    /// @param router network that scores all depths at once
    /// @param routing settings, with function, alpha and gating
    /// @param expertBias one number per depth, added to the scores when the depth is chosen, and only then
    /// @param hidden width of the model
    TokenChoiceRouter(RouterNetwork router, Routing.TokenChoice routing, float[] expertBias, int hidden) {
        this.router = router;
        this.routing = routing;
        this.expertBias = expertBias.clone();
        this.hidden = hidden;
        this.decisions = IntStream.rangeClosed(0, expertBias.length)
                .mapToObj(StepDecision.Chosen::new)
                .toArray(StepDecision[]::new);
    }

    @Override
    public void begin(TokenChunk chunk, FlopCounter flops) {
        int n = expertBias.length;
        RoutingState state = chunk.routing();
        state.inputs = chunk.states.clone();
        state.distribution = new float[chunk.count() * n];
        for (int token = 0; token < chunk.count(); token++) {
            float[] logits = router.logits(chunk, token, flops);
            boolean finite = IntStream.range(0, n).allMatch(i -> Float.isFinite(logits[i]));
            if (finite) {
                System.arraycopy(distribution(logits), 0, state.distribution, token * n, n);
                choose(chunk, token);
            } else {
                // Each depth gets probability 1, which gives the largest possible gates.
                Arrays.fill(state.distribution, token * n, (token + 1) * n, 1);
                state.countNonFinite(token);
            }
            if (chunk.isTraced()) {
                trace(chunk, token);
            }
        }
    }

    private float[] distribution(float[] logits) {
        float highest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        boolean softmax = routing.router().function() == RouterFunction.SOFTMAX;
        double sum = 0;
        double[] values = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            values[i] = softmax ? Math.exp(logits[i] - highest) : 1 / (1 + Math.exp(-logits[i]));
            sum += values[i];
        }
        float[] result = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            result[i] = (float) (softmax ? values[i] / sum : values[i]);
        }
        return result;
    }

    @Override
    public StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops) {
        return decisions[chunk.routing().choice(token)];
    }

    /// Records the decisions up to the step at which the token exits.
    private void trace(TokenChunk chunk, int token) {
        for (int step = 1; step <= Math.min(depthOf(chunk, token), expertBias.length - 1); step++) {
            chunk.trace().decide(decision(chunk, token, step));
        }
    }

    /// A step is taken if the best score of the depths that include it exceeds the scores of all shallower depths.
    private RouterDecision decision(TokenChunk chunk, int token, int step) {
        double deeper = Double.NEGATIVE_INFINITY;
        double shallower = Double.NEGATIVE_INFINITY;
        for (int depth = 0; depth < expertBias.length; depth++) {
            if (depth < step) {
                shallower = Math.max(shallower, score(chunk, token, depth));
            } else {
                deeper = Math.max(deeper, score(chunk, token, depth));
            }
        }
        return new RouterDecision(step, deeper, shallower, deeper > shallower);
    }

    private double score(TokenChunk chunk, int token, int depth) {
        return routing.router().alpha() * chunk.routing().distribution[token * expertBias.length + depth]
                + expertBias[depth];
    }

    private static int depthOf(TokenChunk chunk, int token) {
        RoutingState state = chunk.routing();
        return state.depthOf(token, state.choice(token));
    }

    private void choose(TokenChunk chunk, int token) {
        int n = expertBias.length;
        int best = 0;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int depth = 0; depth < n; depth++) {
            double score = score(chunk, token, depth);
            if (score > bestScore) {
                best = depth;
                bestScore = score;
            }
        }
        chunk.routing().choose(token, best + 1, chunk.routing().distribution[token * n + best]);
    }

    private float gate(TokenChunk chunk, int token, int step) {
        return (float) (routing.router().alpha() * chunk.routing().distribution[token * expertBias.length + step]);
    }

    @Override
    public float[] exitState(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        float factor = routing.router().gating() == Gating.WEIGHTED ? gate(chunk, token, step) : 1;
        float[] state = new float[hidden];
        for (int i = 0; i < hidden; i++) {
            state[i] = factor * outputs[from + i] + chunk.routing().inputs[chunk.stateOf(token) + i];
        }
        return state;
    }

    @Override
    public void merge(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        boolean last = step + 1 == depthOf(chunk, token);
        boolean weighted =
                routing.router().gating() == Gating.WEIGHTED && (routing.tokenGate() == TokenGate.EVERY || last);
        float factor = weighted ? gate(chunk, token, step) : 1;
        float[] inputs = chunk.routing().inputs;
        int state = chunk.stateOf(token);
        for (int i = 0; i < hidden; i++) {
            float gated = factor * outputs[from + i];
            chunk.states[state + i] = last ? gated + inputs[state + i] : gated;
        }
    }
}
