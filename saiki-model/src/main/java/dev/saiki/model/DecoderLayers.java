package dev.saiki.model;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.attention.CausalSelfAttention;
import dev.saiki.model.attention.KeyValues;
import dev.saiki.model.attention.RotaryEmbedding;
import dev.saiki.model.attention.Sight;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.util.List;

/// The transformer layers of a model, each applied to the tokens that are active, and computed again in the backward
/// pass if so little is kept of them.
final class DecoderLayers implements AutoCloseable {

    private final ModelConfig config;
    private final LayerMap layerMap;
    private final LeafTensors leaves;
    private final RotaryEmbedding rotary;
    private final CausalSelfAttention attention;
    private final RecursiveTransformer.Activations activations;
    private Dropout dropout = Dropout.NONE;
    private final ActivationCheckpoints checkpoints = new ActivationCheckpoints(this::recomputed);

    DecoderLayers(
            ModelConfig config, LeafTensors leaves, Precision precision, RecursiveTransformer.Activations activations) {
        this.config = config;
        this.layerMap = config.layerMap();
        this.leaves = leaves;
        this.rotary = new RotaryEmbedding(
                config.headDim(),
                config.maxPositionEmbeddings(),
                config.ropeTheta(),
                config.architecture().ropeScaling(),
                precision.dtype(),
                leaves.device());
        this.attention = new CausalSelfAttention(
                config.numAttentionHeads(), config.numKeyValueHeads(), config.headDim(), config.rmsNormEps());
        this.activations = activations;
    }

    RotaryEmbedding.Rotation rotationOf(ActiveTokens active) {
        return rotary.rotationOf(active);
    }

    /// Leaves numbers out, from now on.
    void drop(Dropout from) {
        dropout = from;
    }

    Dropout dropout() {
        return dropout;
    }

    /// Forgets the last forward pass.
    void forget() {
        checkpoints.close();
    }

    /// Adds the gradient of a loss that was computed from the last forward pass to the accumulated gradients.
    void backward(Tensor loss) {
        // Nothing that is trained need have had a part in it, such as a gate whose step no token took.
        if (Autograd.isRecorded(loss)) {
            checkpoints.backward(loss);
        }
    }

    @Override
    public void close() {
        checkpoints.close();
        rotary.close();
    }

    /// Where a layer takes its keys and values from.
    ///
    /// @param firstUse whether its weights are used for the first time in this pass
    KeyValues.Source sourceOf(boolean firstUse) {
        return switch (config.kvSharing()) {
            case NONE -> KeyValues.Source.OWN;
            case RECURSIVE -> firstUse ? KeyValues.Source.OWN_AND_KEEP : KeyValues.Source.KEPT;
            case HYBRID -> firstUse ? KeyValues.Source.OWN_AND_KEEP : KeyValues.Source.KEPT_WITH_OWN;
        };
    }

    /// One transformer layer: attention and feed-forward, each normalised before or after, and added to what
    /// came in.
    Tensor apply(
            int unrolled,
            Tensor input,
            ActiveTokens active,
            RotaryEmbedding.Rotation rotation,
            KeyValues keyValues,
            KeyValues.Source source) {
        boolean recompute = activations == RecursiveTransformer.Activations.RECOMPUTE && source == KeyValues.Source.OWN;
        return recompute
                ? checkpoints.compute(unrolled, input, active)
                : applyKeeping(unrolled, input, active, rotation, keyValues, source);
    }

    private Tensor recomputed(int unrolled, Tensor input, ActiveTokens active) {
        try (TensorScope scope = TensorScope.open();
                KeyValues none = new KeyValues()) {
            RotaryEmbedding.Rotation rotation = rotary.rotationOf(active);
            return scope.keep(applyKeeping(unrolled, input, active, rotation, none, KeyValues.Source.OWN));
        }
    }

    /// The same, with all that the backward pass needs kept.
    Tensor applyKeeping(
            int unrolled,
            Tensor input,
            ActiveTokens active,
            RotaryEmbedding.Rotation rotation,
            KeyValues keyValues,
            KeyValues.Source source) {
        int unique = layerMap.uniqueOf().get(unrolled);
        LeafTensors.Layer weights = leaves.layer(unrolled);
        Architecture architecture = config.architecture();
        Sight sight = new Sight(architecture.windowOf(unrolled), architecture.isRotated(unrolled));
        try (TensorScope scope = TensorScope.open()) {
            Tensor attended = attention.attend(
                    before(input, weights.attentionNorm()),
                    weights.attention(),
                    sight,
                    active,
                    rotation,
                    keyValues,
                    source,
                    unique);
            Tensor output = dropout.ofAttention(weights.output().apply(attended), unrolled);
            Tensor middle = input.add(after(output, weights.attentionNorm()));
            Tensor fed = feedForward(before(middle, weights.feedForwardNorm()), weights);
            return scope.keep(middle.add(after(dropout.ofFeedForward(fed, unrolled), weights.feedForwardNorm())));
        }
    }

    private Tensor before(Tensor input, Tensor norm) {
        return switch (config.architecture().family().normPlacement()) {
            case BEFORE -> Functional.rmsNorm(input, norm, config.rmsNormEps());
            case AFTER -> input;
        };
    }

    private Tensor after(Tensor change, Tensor norm) {
        return switch (config.architecture().family().normPlacement()) {
            case BEFORE -> change;
            case AFTER -> Functional.rmsNorm(change, norm, config.rmsNormEps());
        };
    }

    /// SwiGLU: down(silu(gate) · up).
    private Tensor feedForward(Tensor input, LeafTensors.Layer weights) {
        List<Tensor> gateAndUp = weights.gateUp().apply(input).split(-1, config.intermediateSize());
        Tensor activated = Functional.silu(gateAndUp.get(0)).multiply(gateAndUp.get(1));
        return weights.down().apply(activated);
    }
}
