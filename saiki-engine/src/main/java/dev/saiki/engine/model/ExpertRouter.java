package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.engine.settings.DepthBounds;
import dev.saiki.engine.settings.ForcedDepths;
import dev.saiki.engine.settings.RouterDecision;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The causal form of routing in which each step chooses its tokens: a token goes on if `sigmoid(z) ≥
/// threshold` and becomes H + gate · f(H) (MoR paper, section 2.2.1; the threshold instead of the rank is what
/// makes it causal).
///
/// Expert choice has fixed thresholds, expert threshold those of the request's effort.
final class ExpertRouter implements Router {

    private final List<RouterNetwork> routers;
    private final List<RouterNetwork> deciding;
    private final Gate gate;
    private final Function<OptionalDouble, double[]> thresholdsOfEffort;

    /// How an output is weighted.
    ///
    /// @param function activation of the raw score
    /// @param alpha factor
    /// @param gating whether the gate multiplies the output
    /// @param hidden width of the model
    record Gate(RouterFunction function, double alpha, Gating gating, int hidden) {

        float of(double score) {
            return (float) (alpha
                    * switch (function) {
                        case NONE -> score;
                        case SIGMOID -> sigmoid(score);
                        case TANH -> Math.tanh(score);
                        case SOFTMAX -> throw new IllegalStateException("softmax belongs to token choice");
                    });
        }

        /// The gate of a token whose score is no number: as wide open as a score can make it.
        float open() {
            return (float) alpha;
        }

        /// Adds the gated output to the state.
        void merge(Span span, int token, float[] outputs, int from) {
            float factor = gating == Gating.WEIGHTED ? span.gates[token] : 1;
            int state = span.stateOf(token);
            for (int i = 0; i < hidden; i++) {
                span.states[state + i] += factor * outputs[from + i];
            }
        }
    }

    /// Makes a router.
    ///
    /// @param routers one a step; they make the gate
    /// @param deciding one a step; their scores are compared with the thresholds
    /// @param gate how an output is weighted
    /// @param thresholdsOfEffort the least sigmoid at each step, for an effort
    ExpertRouter(
            List<RouterNetwork> routers,
            List<RouterNetwork> deciding,
            Gate gate,
            Function<OptionalDouble, double[]> thresholdsOfEffort) {
        this.routers = List.copyOf(routers);
        this.deciding = List.copyOf(deciding);
        this.gate = gate;
        this.thresholdsOfEffort = thresholdsOfEffort;
    }

    @Override
    public void begin(Span span, FlopCounter flops) {}

    @Override
    public boolean goesOn(Span span, int token, int step, FlopCounter flops) {
        DepthBounds bounds = span.route().bounds();
        if (step >= bounds.deepest(routers.size())) {
            return false;
        }
        float score = score(routers, span, token, step, flops);
        boolean finite = Float.isFinite(score);
        if (!finite) {
            span.noteNotFinite(token);
        }
        span.gates[token] = finite ? gate.of(score) : gate.open();
        if (step == 0) {
            return true;
        }
        int forced = span.forcedDepth(token);
        boolean asked = forced == ForcedDepths.AS_ROUTED && step >= bounds.min();
        boolean goesOn = finite && (asked || span.isTraced()) && decides(score, span, token, step, flops);
        if (forced != ForcedDepths.AS_ROUTED) {
            return step < forced;
        }
        return !asked || goesOn || span.hasNoChoice(token);
    }

    private boolean decides(float score, Span span, int token, int step, FlopCounter flops) {
        double decisive = deciding.equals(routers) ? score : score(deciding, span, token, step, flops);
        if (!Double.isFinite(decisive)) {
            span.noteNotFinite(token);
            return false;
        }
        double probability = sigmoid(decisive);
        double threshold = thresholdsOfEffort.apply(span.route().effort())[step];
        boolean goesOn = probability >= threshold;
        span.note(new RouterDecision(step, probability, threshold, goesOn));
        span.noteCertainty(goesOn ? probability : 1 - probability);
        span.choose(token, step, goesOn);
        return goesOn;
    }

    private static float score(List<RouterNetwork> networks, Span span, int token, int step, FlopCounter flops) {
        return networks.get(step).logits(span, token, flops)[0];
    }

    @Override
    public float[] leavingState(Span span, int token, int step, float[] outputs, int from) {
        return span.state(token);
    }

    @Override
    public void merge(Span span, int token, int step, float[] outputs, int from) {
        gate.merge(span, token, outputs, from);
    }

    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
