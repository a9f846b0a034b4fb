package dev.saiki.engine.model;

/// A router whose scores only decide which tokens continue; the gates are separate weights of the steps.
///
/// Step 0 replaces the state, H ← f(H), and step r ≥ 1 is H ← H + g_r · (f(H) − H). No score is computed where the
/// decision does not depend on it: at step 0, and where the request decides.
final class StepGatedRouter implements Router {

    /// A decision with a placeholder for the router's gate, which is not used here.
    private static final StepDecision UNASKED = new StepDecision.Unasked(1);

    private final Router decider;
    private final float[] gates;
    private final int hidden;

    /// Makes a router.
    ///
    /// @param decider router that decides which tokens continue
    /// @param gates one gate per step; the first is not used
    /// @param hidden width of the model
    StepGatedRouter(Router decider, float[] gates, int hidden) {
        this.decider = decider;
        this.gates = gates.clone();
        this.hidden = hidden;
    }

    @Override
    public void begin(TokenChunk chunk, FlopCounter flops) {
        decider.begin(chunk, flops);
    }

    @Override
    public StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops) {
        return step == 0 || !chunk.usesRouter(token, step) ? UNASKED : decider.decide(chunk, token, step, flops);
    }

    @Override
    public void merge(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        float[] states = chunk.states;
        int state = chunk.stateOf(token);
        if (step == 0) {
            System.arraycopy(outputs, from, states, state, hidden);
            return;
        }
        float gate = gates[step];
        if (gate == 0) {
            return; // The state stays bit-identical, whatever the output is.
        }
        for (int i = 0; i < hidden; i++) {
            states[state + i] += gate * (outputs[from + i] - states[state + i]);
        }
    }
}
