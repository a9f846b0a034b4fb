package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.engine.settings.DepthBounds;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.RouterDecision;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Routing in which each token chooses its depth once, before the first step: the largest component of its
/// distribution over depths, ties going to the shallower. At each step the state becomes alpha · g_r · f(H),
/// and at the last the block's input is added (MoR paper, section 2.2.1, equation 2.2).
final class TokenChoiceRouter implements Router {

    private final RouterNetwork router;
    private final Routing.TokenChoice routing;
    private final float[] expertBias;
    private final int hidden;

    /// Makes a router.
    ///
    /// @param router scores all depths at once
    /// @param routing function, alpha and gating
    /// @param expertBias `[N]`, added for the choice alone
    /// @param hidden width of the model
    TokenChoiceRouter(RouterNetwork router, Routing.TokenChoice routing, float[] expertBias, int hidden) {
        this.router = router;
        this.routing = routing;
        this.expertBias = expertBias.clone();
        this.hidden = hidden;
    }

    @Override
    public void begin(Span span, FlopCounter flops) {
        int n = expertBias.length;
        span.inputs = span.states.clone();
        span.distribution = new float[span.count() * n];
        for (int token = 0; token < span.count(); token++) {
            float[] logits = router.logits(span, token, flops);
            boolean finite = IntStream.range(0, n).allMatch(i -> Float.isFinite(logits[i]));
            if (finite) {
                System.arraycopy(distribution(logits), 0, span.distribution, token * n, n);
                choose(span, token);
            } else {
                // As if each depth were the only one: the gates are as wide open as a distribution can make them.
                Arrays.fill(span.distribution, token * n, (token + 1) * n, 1);
                span.noteNotFinite(token);
            }
        }
    }

    private float[] distribution(float[] logits) {
        float highest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        boolean softmax = routing.routerFunc() == RouterFunction.SOFTMAX;
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
    public boolean goesOn(Span span, int token, int step, FlopCounter flops) {
        if (span.isTraced() && step > 0 && step < expertBias.length) {
            note(span, token, step);
        }
        if (step >= depthOf(span, token)) {
            return false;
        }
        float component = span.distribution[token * expertBias.length + step];
        boolean gated = routing.tokenGate() == TokenGate.EVERY || isLast(span, token, step);
        span.gates[token] = gated ? (float) (routing.alpha() * component) : 1;
        return true;
    }

    /// The step is taken if the best of the depths that take it is better than all shallower ones.
    private void note(Span span, int token, int step) {
        double deeper = Double.NEGATIVE_INFINITY;
        double shallower = Double.NEGATIVE_INFINITY;
        for (int depth = 0; depth < expertBias.length; depth++) {
            if (depth < step) {
                shallower = Math.max(shallower, score(span, token, depth));
            } else {
                deeper = Math.max(deeper, score(span, token, depth));
            }
        }
        span.note(new RouterDecision(step, deeper, shallower, deeper > shallower));
    }

    private double score(Span span, int token, int depth) {
        return routing.alpha() * span.distribution[token * expertBias.length + depth] + expertBias[depth];
    }

    private int depthOf(Span span, int token) {
        int n = expertBias.length;
        DepthBounds bounds = span.route().bounds();
        int forced = span.forcedDepth(token);
        if (forced != ForcedDepths.AS_ROUTED) {
            return Math.min(forced, bounds.deepest(n));
        }
        int chosen = span.hasNoChoice(token) ? n : span.choice(token, n);
        return Math.min(Math.max(chosen, bounds.min()), bounds.deepest(n));
    }

    private void choose(Span span, int token) {
        int n = expertBias.length;
        int best = 0;
        double bestScore = Double.NEGATIVE_INFINITY;
        for (int depth = 0; depth < n; depth++) {
            double score = score(span, token, depth);
            if (score > bestScore) {
                best = depth;
                bestScore = score;
            }
        }
        span.noteCertainty(span.distribution[token * n + best]);
        span.choose(token, best + 1, false);
    }

    private boolean isLast(Span span, int token, int step) {
        return step + 1 == depthOf(span, token);
    }

    @Override
    public float[] leavingState(Span span, int token, int step, float[] outputs, int from) {
        float component = span.distribution[token * expertBias.length + step];
        float factor = routing.gating() == Gating.WEIGHTED ? (float) (routing.alpha() * component) : 1;
        float[] state = new float[hidden];
        for (int i = 0; i < hidden; i++) {
            state[i] = factor * outputs[from + i] + span.inputs[span.stateOf(token) + i];
        }
        return state;
    }

    @Override
    public void merge(Span span, int token, int step, float[] outputs, int from) {
        float factor = routing.gating() == Gating.WEIGHTED ? span.gates[token] : 1;
        boolean last = isLast(span, token, step);
        int state = span.stateOf(token);
        for (int i = 0; i < hidden; i++) {
            float gated = factor * outputs[from + i];
            span.states[state + i] = last ? gated + span.inputs[state + i] : gated;
        }
    }
}
