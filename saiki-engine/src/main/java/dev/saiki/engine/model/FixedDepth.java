package dev.saiki.engine.model;

/// A router that makes no decisions: every token takes every step within the request's bound, and each output
/// replaces the state.
final class FixedDepth implements Router {

    private final StepDecision all;
    private final int hidden;

    /// Makes a fixed depth.
    ///
    /// @param numRecursions number of steps
    /// @param hidden width of the model
    FixedDepth(int numRecursions, int hidden) {
        this.all = new StepDecision.Chosen(numRecursions);
        this.hidden = hidden;
    }

    @Override
    public StepDecision decide(TokenChunk chunk, int token, int step, FlopCounter flops) {
        return all;
    }

    @Override
    public void merge(TokenChunk chunk, int token, int step, float[] outputs, int from) {
        System.arraycopy(outputs, from, chunk.states, chunk.stateOf(token), hidden);
    }
}
