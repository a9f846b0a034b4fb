package dev.saiki.model;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.attention.CausalSelfAttention;
import dev.saiki.model.attention.KeyValues;
import dev.saiki.model.attention.LeftTokens;
import dev.saiki.model.attention.RotaryEmbedding;
import dev.saiki.model.attention.Sight;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// The transformer layers of a model, applied to the active tokens.
final class DecoderLayers implements AutoCloseable {

    /// The tile height of matrix units: padding the rows to a multiple of this height is free.
    private static final int TILE_ROWS = 16;

    /// The maximum number of distinct row counts, after padding, in steps whose number of tokens varies. oneDNN
    /// compiles its products once for each count, and its cache holds the products of this many counts.
    private static final int MAX_SIZES = 32;

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

    /// Sets the dropout.
    void drop(Dropout from) {
        dropout = from;
    }

    Dropout dropout() {
        return dropout;
    }

    /// Discards the last forward pass.
    void forget() {
        checkpoints.close();
    }

    /// Adds the gradient of a loss on the last forward pass to the accumulated gradients.
    void backward(Tensor loss) {
        // The loss depends on no trained parameter if, for example, only a step's gate is trained and no token
        // took that step.
        if (Autograd.isRecorded(loss)) {
            checkpoints.backward(loss);
        }
    }

    @Override
    public void close() {
        checkpoints.close();
        rotary.close();
    }

    /// The source of keys and values for a layer that every token takes.
    ///
    /// @param firstUse whether the pass uses this layer's weights for the first time
    KeyValues.Source sourceOf(boolean firstUse) {
        return switch (config.kvSharing()) {
            case NONE, COMPLETION -> new KeyValues.Source.Own();
            case RECURSIVE -> firstUse ? new KeyValues.Source.OwnAndKeep() : new KeyValues.Source.Kept();
            case HYBRID -> firstUse ? new KeyValues.Source.OwnAndKeep() : new KeyValues.Source.KeptWithOwn();
        };
    }

    /// One recursion step of the shared layers, for models that complete each step before the next one begins.
    ///
    /// @param step the recursion step, from 0
    /// @param states `[B · T, hidden]`, the states of all tokens before the step
    /// @param given `[n, hidden]`, the active tokens' input to the step
    /// @param active the active tokens
    /// @param keyValues the keys and values of the first recursion, which are kept for later recursions
    /// @param rule the rule for selecting tokens
    /// @return `[n, hidden]`
    Tensor step(
            int step, Tensor states, Tensor given, ActiveTokens active, KeyValues keyValues, RoutingRequest.Rule rule) {
        KeyValues.Source source = sourceOf(step, states, active);
        return isRagged(rule) && !active.isAll()
                ? runFilledUp(step, given, active, keyValues, source)
                : run(step, given, active, keyValues, source);
    }

    /// Whether the number of continuing tokens varies between passes, so that oneDNN would recompile its bfloat16
    /// products.
    private boolean isRagged(RoutingRequest.Rule rule) {
        boolean isEqualCount = rule == RoutingRequest.Rule.TOP_K && !(config.routing() instanceof Routing.TokenChoice);
        return !isEqualCount
                && config.kvSharing() == KeyValueSharing.NONE
                && leaves.embedding().dtype() == DType.BFLOAT16;
    }

    /// The same as {@link #run}, with padding rows at the end.
    private Tensor runFilledUp(
            int step, Tensor rows, ActiveTokens active, KeyValues keyValues, KeyValues.Source source) {
        int all = active.batch() * active.time();
        int multiple = TILE_ROWS * Math.ceilDiv(all, TILE_ROWS * MAX_SIZES);
        try (ActiveTokens computed = active.filledUp(multiple)) {
            int filling = computed.computedRows() - active.count();
            if (filling == 0) {
                return run(step, rows, computed, keyValues, source);
            }
            Tensor zeros = Tensors.on(leaves.device()).zeros(rows.dtype(), filling, config.hiddenSize());
            Tensor filled = Tensors.concatenate(List.of(rows, zeros), 0);
            return run(step, filled, computed, keyValues, source).narrow(0, 0, active.count());
        }
    }

    private Tensor run(int step, Tensor rows, ActiveTokens active, KeyValues keyValues, KeyValues.Source source) {
        RotaryEmbedding.Rotation rotation = rotary.rotationOf(active);
        int first = layerMap.firstShared() + step * layerMap.blockSize();
        Tensor state = rows;
        for (int layer = first; layer < first + layerMap.blockSize(); layer++) {
            state = apply(layer, state, active, rotation, keyValues, source);
        }
        return state;
    }

    private KeyValues.Source sourceOf(int step, Tensor states, ActiveTokens active) {
        if (config.kvSharing() != KeyValueSharing.COMPLETION || active.isAll()) {
            return sourceOf(step == 0);
        }
        try (ActiveTokens left = active.others()) {
            return new KeyValues.Source.Completed(LeftTokens.of(states, left, rotary.rotationOf(left)));
        }
    }

    /// One transformer layer: attention and feed-forward, each with a norm before or after it, and with a
    /// residual connection.
    Tensor apply(
            int unrolled,
            Tensor input,
            ActiveTokens active,
            RotaryEmbedding.Rotation rotation,
            KeyValues keyValues,
            KeyValues.Source source) {
        boolean recompute =
                activations == RecursiveTransformer.Activations.RECOMPUTE && source instanceof KeyValues.Source.Own;
        return recompute
                ? checkpoints.compute(unrolled, input, active)
                : applyKeeping(unrolled, input, active, rotation, keyValues, source);
    }

    private Tensor recomputed(int unrolled, Tensor input, ActiveTokens active) {
        try (TensorScope scope = TensorScope.open();
                KeyValues none = new KeyValues()) {
            RotaryEmbedding.Rotation rotation = rotary.rotationOf(active);
            return scope.keep(applyKeeping(unrolled, input, active, rotation, none, new KeyValues.Source.Own()));
        }
    }

    /// Applies one transformer layer and records everything that the backward pass needs.
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
                    read(source, weights.attentionNorm()),
                    unique);
            Tensor output = dropout.ofAttention(weights.output().apply(attended), unrolled);
            Tensor middle = input.add(after(output, weights.attentionNorm()));
            Tensor fed = feedForward(before(middle, weights.feedForwardNorm()), weights);
            return scope.keep(middle.add(after(dropout.ofFeedForward(fed, unrolled), weights.feedForwardNorm())));
        }
    }

    /// The same source, with the states of exited tokens as the attention's projections read them: normalised, if
    /// the model's norms come before the attention.
    private KeyValues.Source read(KeyValues.Source source, Tensor norm) {
        return source instanceof KeyValues.Source.Completed(LeftTokens left)
                ? new KeyValues.Source.Completed(left.with(before(left.states(), norm)))
                : source;
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
