package dev.saiki.testkit;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.Scales;
import dev.saiki.checkpoint.config.SoftCaps;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.checkpoint.config.TokenGate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// Configurations of tiny test models.
public final class TinyModels {

    /// The vocabulary size of every tiny model.
    public static final int VOCABULARY = 37;

    private TinyModels() {}

    /// A model of eight layers without recursion.
    ///
    /// @return the configuration
    public static ModelConfig vanilla() {
        return new ModelConfig(
                16,
                24,
                8,
                4,
                2,
                4,
                VOCABULARY,
                32,
                1e-5,
                10_000,
                true,
                0.2,
                OptionalInt.empty(),
                List.of(0),
                Architecture.LLAMA,
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    /// A model of eight unrolled layers: one, then a block of two that every token passes three times, then one.
    ///
    /// @return the configuration
    public static ModelConfig recursive() {
        return middleCycle(new Routing.None(), KeyValueSharing.NONE);
    }

    /// The recursive model with expert-choice routing in the paper's final setting.
    ///
    /// @param sharing the rule for the keys and values of later recursions
    /// @return the configuration
    public static ModelConfig expertChoice(KeyValueSharing sharing) {
        return expertChoice(RouterType.LINEAR, sharing);
    }

    /// The expert-choice model with a router that sees only positions.
    ///
    /// @return the configuration
    public static ModelConfig position() {
        return expertChoice(RouterType.POSITION, KeyValueSharing.NONE);
    }

    private static ModelConfig expertChoice(RouterType type, KeyValueSharing sharing) {
        return middleCycle(
                new Routing.ExpertChoice(
                        new Routing.Router(type, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                        List.of(1.0, 2.0 / 3, 1.0 / 3),
                        List.of(0.0, 0.5, 0.5),
                        CausalBy.ROUTER),
                sharing);
    }

    /// The recursive model with token-choice routing in the paper's final setting.
    ///
    /// @param sharing the rule for the keys and values of later recursions
    /// @return the configuration
    public static ModelConfig tokenChoice(KeyValueSharing sharing) {
        return middleCycle(
                new Routing.TokenChoice(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SOFTMAX, 1, 1, Gating.WEIGHTED),
                        TokenGate.EVERY),
                sharing);
    }

    /// The recursive model with expert-threshold routing.
    ///
    /// @param sharing the rule for the keys and values of later recursions
    /// @return the configuration
    public static ModelConfig expertThreshold(KeyValueSharing sharing) {
        return middleCycle(
                new Routing.ExpertThreshold(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                        List.of(0.25, 0.5, 0.75, 1.0),
                        0.5),
                sharing);
    }

    /// The recursive model with the random router.
    ///
    /// @return the configuration
    public static ModelConfig random() {
        return middleCycle(
                new Routing.Random(0.1, Gating.WEIGHTED, List.of(1.0, 2.0 / 3, 1.0 / 3)), KeyValueSharing.NONE);
    }

    /// A recursive model with step gates instead of its router's gate.
    ///
    /// @param recursive another recursive model of this class
    /// @return the configuration
    public static ModelConfig stepGated(ModelConfig recursive) {
        return recursive.withRecursion(
                recursive.recursion().map(Recursion::withStepGates),
                recursive.routing().withUsualGate(),
                recursive.kvSharing());
    }

    /// A recursive model in which every step after the first has low-rank updates and norms of its own.
    ///
    /// @param recursive another recursive model of this class
    /// @return the configuration
    public static ModelConfig ownSteps(ModelConfig recursive) {
        return recursive.withRecursion(
                recursive
                        .recursion()
                        .map(recursion -> recursion
                                .withStepLora(Optional.of(new StepLora(2, 3)))
                                .withStepNorms(true)),
                recursive.routing(),
                recursive.kvSharing());
    }

    /// A recursive model with injection: later steps also receive the state with which a token entered the
    /// recursion.
    ///
    /// @param recursive another recursive model of this class
    /// @return the configuration
    public static ModelConfig injected(ModelConfig recursive) {
        return recursive.withRecursion(
                recursive.recursion().map(Recursion::withInjection), recursive.routing(), recursive.kvSharing());
    }

    /// A model with an embedding of half the hidden size, and a projection.
    ///
    /// @param whole another model of this class
    /// @return the configuration
    public static ModelConfig narrowEmbedding(ModelConfig whole) {
        return whole.withArchitecture(whole.architecture().withEmbeddingSize(OptionalInt.of(whole.hiddenSize() / 2)));
    }

    /// A model of the family Gemma 2, with bounds of scores and logits that are low for random weights.
    ///
    /// @param unbounded another model of this class
    /// @return the configuration
    public static ModelConfig bounded(ModelConfig unbounded) {
        SoftCaps caps = new SoftCaps(OptionalDouble.of(0.001), OptionalDouble.of(0.1));
        return unbounded.withArchitecture(Architecture.of(ModelFamily.GEMMA2).withScales(Scales.NONE.withCaps(caps)));
    }

    /// The expert-threshold model for a tokenizer, with an untied head, so that random weights generate varied
    /// words.
    ///
    /// @param vocabulary number of ids
    /// @param positions the context length
    /// @return the configuration
    public static ModelConfig ofText(int vocabulary, int positions) {
        ModelConfig small = expertThreshold(KeyValueSharing.NONE);
        return new ModelConfig(
                small.hiddenSize(),
                small.intermediateSize(),
                small.numHiddenLayers(),
                small.numAttentionHeads(),
                small.numKeyValueHeads(),
                small.headDim(),
                vocabulary,
                positions,
                small.rmsNormEps(),
                small.ropeTheta(),
                false,
                0.3,
                small.bosTokenId(),
                small.eosTokenIds(),
                Architecture.LLAMA,
                small.recursion(),
                small.routing(),
                small.kvSharing());
    }

    private static ModelConfig middleCycle(Routing routing, KeyValueSharing sharing) {
        return vanilla().withRecursion(Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3)), routing, sharing);
    }
}
