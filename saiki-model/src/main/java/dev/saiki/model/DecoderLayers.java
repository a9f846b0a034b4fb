package dev.saiki.model;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.NormPlace;
import dev.saiki.checkpoint.config.NormPlacement;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.config.Rotation;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.attention.CausalSelfAttention;
import dev.saiki.model.attention.KeyValues;
import dev.saiki.model.attention.LeftTokens;
import dev.saiki.model.attention.Norm;
import dev.saiki.model.attention.NormWeights;
import dev.saiki.model.attention.RotaryEmbedding;
import dev.saiki.model.attention.Rotations;
import dev.saiki.model.attention.Sight;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;
import java.util.Optional;

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
    private final Optional<RotaryEmbedding> rotaryOfWindows;
    private final Norm norms;
    private final CausalSelfAttention attention;
    private final RecursiveTransformer.Activations activations;
    private Dropout dropout = Dropout.NONE;
    private final ActivationCheckpoints checkpoints = new ActivationCheckpoints(this::recomputed);

    DecoderLayers(
            ModelConfig config, LeafTensors leaves, Precision precision, RecursiveTransformer.Activations activations) {
        this.config = config;
        this.layerMap = config.layerMap();
        this.leaves = leaves;
        this.norms = Norm.of(config);
        this.rotary = rotary(config, Rotation.USUAL, precision, leaves.device());
        this.rotaryOfWindows = config.architecture().family().rotatesWindowsApart()
                ? Optional.of(rotary(config, Rotation.OF_WINDOWS, precision, leaves.device()))
                : Optional.empty();
        this.attention = new CausalSelfAttention(
                config.numAttentionHeads(),
                config.numKeyValueHeads(),
                config.headDim(),
                norms,
                config.attentionScale(),
                config.architecture().scales().caps().scores());
        this.activations = activations;
    }

    private static RotaryEmbedding rotary(ModelConfig config, Rotation rotation, Precision precision, Device device) {
        return new RotaryEmbedding(
                config.rotaryFrequencies(rotation),
                config.rotaryMagnitude(rotation),
                config.architecture().family().pairsNeighbours(),
                config.maxPositionEmbeddings(),
                precision.dtype(),
                device);
    }

    Rotations rotationOf(ActiveTokens active) {
        return new Rotations(
                rotary.rotationOf(active),
                rotaryOfWindows.map(apart -> apart.rotationOf(active)),
                queryFactors(active));
    }

    private Optional<Tensor> queryFactors(ActiveTokens active) {
        RopeScaling scaling = config.architecture().positions().scaling();
        int positions = active.time();
        if (scaling.queryFactor(positions - 1) == 1) {
            return Optional.empty();
        }
        float[] factors = new float[positions];
        for (int position = 0; position < positions; position++) {
            factors[position] = (float) scaling.queryFactor(position);
        }
        Tensor table = Tensors.on(leaves.device()).of(factors, positions, 1, 1);
        return Optional.of(table.rows(active.positionRows()));
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
        rotaryOfWindows.ifPresent(RotaryEmbedding::close);
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
        Rotations rotation = rotationOf(active);
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
            return new KeyValues.Source.Completed(LeftTokens.of(states, left, rotationOf(left)));
        }
    }

    /// One transformer layer: attention and feed-forward, each with a norm before or after it, and with a
    /// residual connection.
    Tensor apply(
            int unrolled,
            Tensor input,
            ActiveTokens active,
            Rotations rotation,
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
            Rotations rotation = rotationOf(active);
            return scope.keep(applyKeeping(unrolled, input, active, rotation, none, new KeyValues.Source.Own()));
        }
    }

    /// Applies one transformer layer and records everything that the backward pass needs.
    Tensor applyKeeping(
            int unrolled,
            Tensor input,
            ActiveTokens active,
            Rotations rotation,
            KeyValues keyValues,
            KeyValues.Source source) {
        int unique = layerMap.uniqueOf().get(unrolled);
        LeafTensors.Layer weights = leaves.layer(unrolled);
        Architecture architecture = config.architecture();
        Sight sight = new Sight(architecture.windowOf(unrolled), architecture.rotationOf(unrolled));
        try (TensorScope scope = TensorScope.open()) {
            Tensor given = normalised(input, weights, NormPlace.ATTENTION_INPUT);
            Tensor attended = attention.attend(
                    given, weights.attention(), sight, active, rotation, keyValues, read(source, weights), unique);
            Tensor output = dropout.ofAttention(weights.output().apply(attended), unrolled);
            Tensor middle = added(input, normalised(output, weights, NormPlace.ATTENTION_OUTPUT));
            boolean isParallel = architecture.family().normPlacement() == NormPlacement.PARALLEL;
            Tensor fed = weights.feedForward()
                    .apply(
                            isParallel ? given : normalised(middle, weights, NormPlace.FEED_FORWARD_INPUT),
                            architecture.family().activation());
            Tensor dropped = dropout.ofFeedForward(fed, unrolled);
            return scope.keep(added(middle, normalised(dropped, weights, NormPlace.FEED_FORWARD_OUTPUT)));
        }
    }

    private Tensor added(Tensor states, Tensor change) {
        double scale = config.architecture().scales().residual();
        return states.add(scale == 1 ? change : change.multiply(scale));
    }

    /// The same source, with the states of exited tokens as the attention's projections read them.
    private KeyValues.Source read(KeyValues.Source source, LeafTensors.Layer weights) {
        return source instanceof KeyValues.Source.Completed(LeftTokens left)
                ? new KeyValues.Source.Completed(
                        left.with(normalised(left.states(), weights, NormPlace.ATTENTION_INPUT)))
                : source;
    }

    /// The states after the layer's norm at a place, if it has one there.
    private Tensor normalised(Tensor states, LeafTensors.Layer weights, NormPlace place) {
        NormWeights norm = weights.norm(place);
        return norm == null ? states : norms.apply(states, norm);
    }
}
