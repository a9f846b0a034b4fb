package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.RouterFunction;

/// The gate of a router that scores each step. The gate weights the step's output: H + gate · f(H).
///
/// @param function activation of the raw score
/// @param alpha factor of the activation
/// @param gating whether the output is multiplied by the gate
/// @param hidden width of the model
record Gate(RouterFunction function, double alpha, Gating gating, int hidden) {

    float of(double score) {
        return (float) (alpha
                * switch (function) {
                    case NONE -> score;
                    case SIGMOID -> sigmoid(score);
                    case TANH -> Math.tanh(score);
                    case SOFTMAX -> throw new IllegalStateException("only token choice supports softmax");
                });
    }

    /// The gate of a token with a non-finite score: alpha, which is the upper limit of the gate if the
    /// activation is bounded.
    float open() {
        return (float) alpha;
    }

    /// Adds the gated output to the state.
    void merge(TokenChunk chunk, int token, float[] outputs, int from) {
        float factor = gating == Gating.WEIGHTED ? chunk.routing().gates[token] : 1;
        int state = chunk.stateOf(token);
        for (int i = 0; i < hidden; i++) {
            chunk.states[state + i] += factor * outputs[from + i];
        }
    }

    static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }
}
