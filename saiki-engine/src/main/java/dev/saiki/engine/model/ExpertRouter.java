package dev.saiki.engine.model;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The causal form of routing in which each step chooses its tokens: a token continues if
/// `sigmoid(score) ≥ threshold`, and its state H then becomes H + gate · f(H) (MoR paper, section 2.2.1). The
/// paper ranks the tokens of a text, which is not causal; a threshold is.
///
/// The thresholds of expert choice are fixed; those of expert threshold depend on the request's effort.
final class ExpertRouter implements Router {

    private final List<RouterNetwork> routers;
    private final List<RouterNetwork> deciding;
    private final boolean decidesItself;
    private final Gate gate;
    private final Function<OptionalDouble, double[]> thresholdsOfEffort;

    /// Makes a router.
    ///
    /// @param routers one network per step, whose score determines the gate
    /// @param deciding one network per step, whose score is compared with the threshold
    /// @param gate turns a score into the weight of an output
    /// @param thresholdsOfEffort minimum sigmoid at each step, as a function of the effort
    ExpertRouter(
            List<RouterNetwork> routers,
            List<RouterNetwork> deciding,
            Gate gate,
            Function<OptionalDouble, double[]> thresholdsOfEffort) {
        this.routers = List.copyOf(routers);
        this.deciding = List.copyOf(deciding);
        this.decidesItself = deciding.equals(routers);
        this.gate = gate;
        this.thresholdsOfEffort = thresholdsOfEffort;
    }

    @Override
    public void begin(TokenChunk chunk, FlopCounter flops) {
        RoutingState routing = chunk.routing();
        routing.thresholds = thresholdsOfEffort.apply(routing.effort());
    }

    @Override
    public StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops) {
        float score = score(routers, chunk, token, step, flops);
        if (!Float.isFinite(score)) {
            return new StepDecision.NonFinite(gate.open());
        }
        if (step == 0 || !chunk.usesRouter(token, step)) {
            return new StepDecision.Unasked(gate.of(score));
        }
        double decisive = decidesItself ? score : score(deciding, chunk, token, step, flops);
        if (!Double.isFinite(decisive)) {
            return new StepDecision.NonFinite(gate.of(score));
        }
        double probability = Gate.sigmoid(decisive);
        return new StepDecision.Scored(gate.of(score), probability, chunk.routing().thresholds[step], true);
    }

    private static float score(List<RouterNetwork> networks, TokenChunk chunk, int token, int step, FlopCounter flops) {
        return networks.get(step).logits(chunk, token, flops)[0];
    }

    @Override
    public void merge(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        gate.merge(chunk, token, outputs, from);
    }
}
