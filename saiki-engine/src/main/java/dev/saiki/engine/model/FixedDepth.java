package dev.saiki.engine.model;

/// Every token takes every step, as far as the request's bound allows; an output replaces the state.
///
/// @param numRecursions steps
/// @param hidden width of the model
record FixedDepth(int numRecursions, int hidden) implements Router {

    @Override
    public void begin(Span span, FlopCounter flops) {}

    @Override
    public boolean goesOn(Span span, int token, int step, FlopCounter flops) {
        return step < span.route().bounds().deepest(numRecursions);
    }

    @Override
    public float[] leavingState(Span span, int token, int step, float[] outputs, int from) {
        return span.state(token);
    }

    @Override
    public void merge(Span span, int token, int step, float[] outputs, int from) {
        System.arraycopy(outputs, from, span.states, span.stateOf(token), hidden);
    }
}
