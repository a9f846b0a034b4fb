package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WorkerPool;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The weights that inject the entry state of the recursion into later steps.
///
/// @param kept factor of the old state, exp(−dt · exp(decay)) with dt = softplus(rate), `[hidden]`
/// @param weight the stored matrix, with each row multiplied by its dt, `[hidden, hidden]`
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
record InjectionWeights(float[] kept, WeightMatrix weight) {

    /// Reads the weights, if the model has them.
    ///
    /// @param matrix function that makes a matrix from a tensor
    static @Nullable InjectionWeights read(
            Map<String, StoredTensor> tensors, Function<StoredTensor, WeightMatrix> matrix) {
        StoredTensor weight = tensors.get(ParameterNames.INJECTION);
        if (weight == null) {
            return null;
        }
        float[] decay =
                EngineWeights.require(tensors, ParameterNames.INJECTION_DECAY).toFloats();
        float[] rate =
                EngineWeights.require(tensors, ParameterNames.INJECTION_RATE).toFloats();
        float[] kept = new float[decay.length];
        float[] scaled = weight.toFloats();
        for (int i = 0; i < kept.length; i++) {
            // softplus, without overflow.
            double dt = Math.max(rate[i], 0) + Math.log1p(Math.exp(-Math.abs(rate[i])));
            kept[i] = (float) Math.exp(-dt * Math.exp(decay[i]));
            for (int j = 0; j < kept.length; j++) {
                scaled[i * kept.length + j] *= (float) dt;
            }
        }
        return new InjectionWeights(kept, matrix.apply(StoredTensor.ofFloats(weight.name(), weight.shape(), scaled)));
    }

    /// Injects the entry states into the inputs of a step, in place.
    ///
    /// @param states `[…, hidden]`, the states of all rows; rows before `first` are not changed
    /// @param first index of the first row
    /// @param entry `[n, hidden]`, the states with which the tokens entered
    /// @param count number of rows, n
    void apply(float[] states, int first, float[] entry, int count, WorkerPool workers, FlopCounter flops) {
        int hidden = kept.length;
        float[] injected = new float[count * hidden];
        weight.multiply(entry, count, injected, workers);
        flops.linear(count, hidden, hidden);
        for (int row = 0; row < count; row++) {
            int from = (first + row) * hidden;
            for (int i = 0; i < hidden; i++) {
                states[from + i] = kept[i] * states[from + i] + injected[row * hidden + i];
            }
        }
    }

    /// Returns the memory of the weights.
    long bytes() {
        return weight.bytes() + (long) Float.BYTES * kept.length;
    }
}
