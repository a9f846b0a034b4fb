package dev.saiki.model;

import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.attention.KeyValues;
import dev.saiki.model.attention.Norm;
import dev.saiki.model.attention.Rotations;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.ExpertChoice;
import dev.saiki.model.routing.FixedRecursion;
import dev.saiki.model.routing.RecursiveBlock;
import dev.saiki.model.routing.RoutingLosses;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.model.routing.RoutingStatistics;
import dev.saiki.model.routing.StepGates;
import dev.saiki.model.routing.TokenChoice;
import dev.saiki.model.routing.TokenDepths;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.TokenDivergence;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// A Llama-style decoder whose middle layers are applied as often as each token needs.
///
/// The decoder's special features, in reading order of {@link #forward}:
///
/// - unrolled layers share weights by {@link LayerMap}: a vanilla model uses each layer once, a recursive one
///   uses a block of layers N times;
/// - every recursion step gathers and computes only the continuing tokens, so that skipped work costs nothing;
/// - {@link ExpertChoice} (with moving thresholds for expert-threshold) or {@link TokenChoice} decides which tokens
/// continue; a model without routing applies every step to every token ({@link FixedRecursion});
/// - the router's score or {@link StepGates} weight the output of a step;
/// - attention in a step uses the keys and values of only that step's tokens, at their true positions, or those of
///   the first recursion, or those of the step's tokens and of exited tokens ({@link KeyValues.Source}).
///
/// Otherwise the model is a standard decoder: RMS norm, rotary positions, grouped heads, SwiGLU, and the
/// variations of the model's {@link dev.saiki.checkpoint.config.Architecture}. Not thread-safe: to share weights,
/// each thread needs its own model over the same {@link ComputeWeights}.
public final class RecursiveTransformer implements AutoCloseable {

    private final ModelConfig config;
    private final LayerMap layerMap;
    private final LeafTensors leaves;
    private final DecoderLayers layers;
    private final Map<String, Tensor> buffers;
    private final RoutingSettings settings;

    /// The choice of the activations that a forward pass keeps for the backward pass.
    public enum Activations {
        /// All activations: fastest.
        KEEP,
        /// The input of each layer; the rest is recomputed: least memory, about a third more time.
        RECOMPUTE
    }

    /// Creates a model for inference.
    ///
    /// @param weights the weights; must outlive the model
    public RecursiveTransformer(ComputeWeights weights) {
        this(weights, Optional.empty(), Activations.KEEP);
    }

    /// Creates a model whose parameters are all trained.
    ///
    /// @param weights the weights; must outlive the model
    /// @param activations which activations a forward pass keeps
    public RecursiveTransformer(ComputeWeights weights, Activations activations) {
        this(weights, TrainedParameters.all(weights.master()), activations);
    }

    /// Creates a model with some trained parameters.
    ///
    /// @param weights the weights; must outlive the model
    /// @param trained the parameters with gradients
    /// @param activations which activations a forward pass keeps
    public RecursiveTransformer(ComputeWeights weights, TrainedParameters trained, Activations activations) {
        this(weights, Optional.of(trained), activations);
    }

    private RecursiveTransformer(ComputeWeights weights, Optional<TrainedParameters> trained, Activations activations) {
        this.config = weights.master().config();
        this.layerMap = config.layerMap();
        this.leaves = new LeafTensors(weights, trained);
        this.layers = new DecoderLayers(config, leaves, weights.precision(), activations);
        this.buffers = weights.master().buffers();
        this.settings = new RoutingSettings(config, weights.master().routerThresholds());
    }

    /// Runs the model on a batch of sequences of equal length.
    ///
    /// @param ids INT64 `[B · T]`, row by row, on the model's device
    /// @param batch the number of sequences B
    /// @param time the length of a sequence T, at most `max_position_embeddings`
    /// @param request the routing request
    /// @return the result of the recursion, whose last hidden states are normalised and ready for {@link #logits}
    public RoutingResult forward(Tensor ids, int batch, int time, RoutingRequest request) {
        return forward(ids, batch, time, request, (_, _, _) -> {});
    }

    /// An observer of the input states of recursion steps.
    @FunctionalInterface
    interface StepObserver {

        /// Called before a step runs.
        ///
        /// @param step the recursion step, from 0
        /// @param rows `[n, hidden]`, the states of the step's tokens
        /// @param active the tokens of the rows
        void onStep(int step, Tensor rows, ActiveTokens active);
    }

    /// Runs the model with an observer of the recursion.
    RoutingResult forward(Tensor ids, int batch, int time, RoutingRequest request, StepObserver observer) {
        layers.forget();
        try (TensorScope scope = TensorScope.open();
                ActiveTokens everyone = ActiveTokens.all(device(), batch, time);
                KeyValues keyValues = new KeyValues()) {
            Rotations rotation = layers.rotationOf(everyone);
            Tensor state = embedded(ids);
            for (int layer = 0; layer < layerMap.firstShared(); layer++) {
                state = layers.apply(layer, state, everyone, rotation, keyValues, new KeyValues.Source.Own());
            }
            RoutingResult routed = recurse(state, everyone, rotation, keyValues, request, observer);
            state = routed.hidden();
            for (int layer = layerMap.endOfShared(); layer < layerMap.numUnrolled(); layer++) {
                state = layers.apply(layer, state, everyone, rotation, keyValues, new KeyValues.Source.Own());
            }
            Tensor normalised = normalised(state);
            scope.keep(normalised);
            routed.losses().all().forEach(scope::keep);
            return routed.withHidden(normalised);
        }
    }

    /// An observer of the states of all tokens after each layer, which may change the states.
    @FunctionalInterface
    interface BetweenLayers {

        /// Called after each layer, the last one included.
        ///
        /// @param layers the number of unrolled layers that have run so far
        /// @param before `[B · T, hidden]`, the input of the layer just run
        /// @param after `[B · T, hidden]`, the layer's output
        /// @return `[B · T, hidden]`, the input of the next layer or of the last norm
        Tensor states(int layers, Tensor before, Tensor after);
    }

    /// Runs every layer on every token, without routing, with a callback after each layer.
    ///
    /// @param ids INT64 `[B · T]`, row by row, on the model's device
    /// @param batch the number of sequences B
    /// @param time the length of a sequence T, at most `max_position_embeddings`
    /// @param between the callback
    /// @return `[B · T, hidden]`, normalised and ready for {@link #logits}
    Tensor forwardInterrupted(Tensor ids, int batch, int time, BetweenLayers between) {
        try (TensorScope scope = TensorScope.open();
                ActiveTokens everyone = ActiveTokens.all(device(), batch, time);
                KeyValues keyValues = new KeyValues()) {
            Rotations rotation = layers.rotationOf(everyone);
            Set<Integer> used = new HashSet<>();
            Tensor state = embedded(ids);
            for (int layer = 0; layer < layerMap.numUnrolled(); layer++) {
                KeyValues.Source source =
                        layers.sourceOf(used.add(layerMap.uniqueOf().get(layer)));
                Tensor after = layers.apply(layer, state, everyone, rotation, keyValues, source);
                state = between.states(layer + 1, state, after);
            }
            return scope.keep(normalised(state));
        }
    }

    /// Runs the layers after the recursion, and then the last norm, on the states of all tokens after one of
    /// the recursions. All activations are kept for the backward pass, because an exit has few layers.
    ///
    /// @param state `[B · T, hidden]`
    /// @param batch the number of sequences B
    /// @param time the length of a sequence T
    /// @return `[B · T, hidden]`, normalised and ready for {@link #logits}
    Tensor exit(Tensor state, int batch, int time) {
        try (TensorScope scope = TensorScope.open();
                ActiveTokens everyone = ActiveTokens.all(device(), batch, time);
                KeyValues keyValues = new KeyValues()) {
            Rotations rotation = layers.rotationOf(everyone);
            Tensor after = state;
            for (int layer = layerMap.endOfShared(); layer < layerMap.numUnrolled(); layer++) {
                after = layers.applyKeeping(layer, after, everyone, rotation, keyValues, new KeyValues.Source.Own());
            }
            return scope.keep(normalised(after));
        }
    }

    /// Scores token states with the router of a recursion step.
    ///
    /// @param step the recursion step, from 1
    /// @param states `[n, hidden]`
    /// @param tokens the n tokens
    /// @return FLOAT32 `[n]`, raw logits
    Tensor routerLogits(int step, Tensor states, ActiveTokens tokens) {
        try (TensorScope scope = TensorScope.open()) {
            return scope.keep(leaves.routers().get(step).logits(states, tokens).reshape(-1));
        }
    }

    /// Applies the last norm, whose output the head reads.
    ///
    /// @param state `[n, hidden]`
    /// @return `[n, hidden]`
    Tensor normalised(Tensor state) {
        Tensor normalised = Norm.of(config).apply(state, leaves.finalNorm());
        double divisor = config.architecture().scales().logits();
        return divisor == 1 ? normalised : normalised.multiply(1 / divisor);
    }

    private Tensor embedded(Tensor ids) {
        return layers.dropout().ofEmbedding(leaves.embedded(ids));
    }

    /// Sets the dropout of training passes.
    ///
    /// @param dropout the dropout; initially none
    public void drop(Dropout dropout) {
        layers.drop(dropout);
    }

    /// Computes vocabulary scores from last hidden states.
    ///
    /// @param hidden `[n, hidden]`
    /// @return `[n, V]`
    public Tensor logits(Tensor hidden) {
        return leaves.head().logits(hidden);
    }

    /// Returns the model's configuration.
    ///
    /// @return the configuration
    public ModelConfig config() {
        return config;
    }

    /// Returns the device of the weights, on which the model computes.
    ///
    /// @return the device
    public Device device() {
        return leaves.device();
    }

    /// The head; its gradient is accumulated with the other gradients.
    TokenHead head() {
        return leaves.head();
    }

    /// Computes the divergence between the predictions of two hidden states, token by token.
    ///
    /// @param ofHidden `[n, hidden]`, normalised
    /// @param fromHidden `[n, hidden]`, normalised
    /// @return FLOAT32 `[n]`, in nats
    Tensor divergence(Tensor ofHidden, Tensor fromHidden) {
        TokenHead head = leaves.head();
        return TokenDivergence.of(
                head.projected(ofHidden),
                head.projected(fromHidden),
                head.table().size(0),
                head::logitsOfProjected);
    }

    /// Adds the gradient of a loss on the last forward pass to the accumulated gradients.
    ///
    /// @param loss a scalar
    public void backward(Tensor loss) {
        layers.backward(loss);
    }

    /// Sets the accumulated gradients to zero.
    public void zeroGradients() {
        leaves.zeroGradients();
    }

    /// Adds the accumulated gradients to a float32 array in the order of {@link TrainedParameters}.
    ///
    /// @param total FLOAT32 `[trained parameters]`
    public void addGradientsTo(Tensor total) {
        leaves.withGradientParts(total, Tensor::addInPlace);
    }

    /// Overwrites a float32 array with the accumulated gradients, so that the array need not be cleared
    /// first.
    ///
    /// @param total FLOAT32 `[trained parameters]`
    public void copyGradientsTo(Tensor total) {
        leaves.withGradientParts(total, Tensor::copyFrom);
    }

    @Override
    public void close() {
        layers.close();
        leaves.close();
    }

    private RoutingResult recurse(
            Tensor state,
            ActiveTokens everyone,
            Rotations rotation,
            KeyValues keyValues,
            RoutingRequest request,
            StepObserver observer) {
        int batch = everyone.batch();
        int time = everyone.time();
        RecursiveBlock block = (step, states, rows, active) -> {
            observer.onStep(step, rows, active);
            Tensor given = leaves.given(step, rows, state, active);
            return layers.step(step, states, given, active, keyValues, request.rule());
        };
        return switch (config.routing()) {
            case Routing.None _ ->
                config.recursion()
                                .map(Recursion::sharing)
                                .map(ParameterSharing::isCycle)
                                .orElse(true)
                        ? FixedRecursion.run(
                                state, everyone, layerMap.numRecursions(), block, request, leaves.stepGates())
                        : everyLayerInPlace(state, everyone, rotation, keyValues, request);
            case Routing.ExpertChoice choice ->
                new ExpertChoice(settings.of(choice), leaves.routers(), leaves.auxiliaryRouters(), leaves.stepGates())
                        .run(state, batch, time, block, request);
            case Routing.Random random ->
                new ExpertChoice(settings.of(random), List.of(), List.of(), leaves.stepGates())
                        .run(state, batch, time, block, request);
            case Routing.TokenChoice choice ->
                new TokenChoice(config.numRecursions(), choice, leaves.routers().getFirst(), expertBias())
                        .run(state, batch, time, block, request);
            case Routing.ExpertThreshold threshold ->
                new ExpertChoice(
                                settings.of(threshold, request.effort()),
                                leaves.routers(),
                                List.of(),
                                leaves.stepGates())
                        .run(state, batch, time, block, request);
        };
    }

    /// The selection bias of loss-free balancing, a buffer of every token-choice model.
    private Tensor expertBias() {
        return Objects.requireNonNull(buffers.get(ParameterNames.EXPERT_BIAS), ParameterNames.EXPERT_BIAS);
    }

    /// The middle of a model whose layers are repeated in place: all layers in unrolled order, because no step is
    /// complete before the next begins.
    private RoutingResult everyLayerInPlace(
            Tensor input, ActiveTokens everyone, Rotations rotation, KeyValues keyValues, RoutingRequest request) {
        if (!request.forced().isEmpty()) {
            throw new IllegalArgumentException(
                    "depths cannot be forced where layers are repeated in place (recursion.sharing)");
        }
        TokenDepths depths = new TokenDepths(everyone.batch(), everyone.time());
        RoutingStatistics.Counts counts =
                new RoutingStatistics.Counts(layerMap.numRecursions(), everyone.time(), false, false);
        int steps = Math.min(layerMap.numRecursions(), request.maxDepth());
        for (int step = 0; step < steps; step++) {
            depths.count(everyone);
            counts.countStep(step, everyone);
        }
        Set<Integer> used = new HashSet<>();
        Tensor state = input;
        for (int layer = layerMap.firstShared(); layer < layerMap.endOfShared(); layer++) {
            if ((layer - layerMap.firstShared()) % layerMap.numRecursions() < steps) {
                boolean firstUse = used.add(layerMap.uniqueOf().get(layer));
                state = layers.apply(layer, state, everyone, rotation, keyValues, layers.sourceOf(firstUse));
            }
        }
        return new RoutingResult(state, depths, RoutingLosses.zero(device()), counts, List.of(), Optional.empty());
    }
}
