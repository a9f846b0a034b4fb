package dev.saiki.engine;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;

/// Small models that differ in how they are decoded.
public final class Models {

    /// Positions of every model.
    public static final int CONTEXT = 64;

    private Models() {}

    /// A model with its name.
    public record Model(String name, ModelConfig config) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// Returns models with and without a router, with every way of sharing keys and values.
    public static Stream<Model> all() {
        return Stream.of(
                new Model("vanilla", vanilla()),
                new Model(
                        "sequence, shared keys",
                        of(ParameterSharing.MIDDLE_SEQUENCE, new Routing.None(), KeyValueSharing.RECURSIVE)),
                new Model("fixed depth", of(ParameterSharing.CYCLE, new Routing.None(), KeyValueSharing.NONE)),
                new Model("expert choice", expertChoice(KeyValueSharing.NONE)),
                new Model("expert choice, shared keys", expertChoice(KeyValueSharing.RECURSIVE)),
                new Model("expert choice, mixed keys", expertChoice(KeyValueSharing.HYBRID)),
                new Model("expert choice, completed keys", expertChoice(KeyValueSharing.COMPLETION)),
                new Model("auxiliary router", of(ParameterSharing.MIDDLE_CYCLE, auxiliary(), KeyValueSharing.NONE)),
                new Model("expert threshold", expertThreshold()),
                new Model("position router", position()),
                new Model(
                        "token choice",
                        of(
                                ParameterSharing.CYCLE,
                                new Routing.TokenChoice(
                                        new Routing.Router(
                                                RouterType.MLP, RouterFunction.SOFTMAX, 1, 1, Gating.WEIGHTED),
                                        TokenGate.EVERY),
                                KeyValueSharing.NONE)),
                new Model(
                        "several layers at the ends",
                        expertThreshold()
                                .withRecursion(
                                        Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3, 2, 3)),
                                        expertThreshold().routing(),
                                        KeyValueSharing.NONE)),
                new Model("step gates", stepGated(expertThreshold())),
                new Model("step gates, mixed keys", stepGated(expertChoice(KeyValueSharing.HYBRID))),
                new Model("step gates, completed keys", stepGated(expertChoice(KeyValueSharing.COMPLETION))),
                new Model(
                        "step gates, auxiliary router",
                        stepGated(of(ParameterSharing.MIDDLE_CYCLE, auxiliary(), KeyValueSharing.NONE))),
                new Model(
                        "narrow embedding",
                        expertThreshold()
                                .withArchitecture(
                                        expertThreshold().architecture().withEmbeddingSize(OptionalInt.of(12)))),
                new Model(
                        "injection",
                        expertThreshold()
                                .withRecursion(
                                        expertThreshold().recursion().map(Recursion::withInjection),
                                        expertThreshold().routing(),
                                        KeyValueSharing.NONE)),
                new Model("steps of their own", ownSteps(expertThreshold())),
                new Model("steps of their own, mixed keys", ownSteps(expertChoice(KeyValueSharing.HYBRID))),
                new Model("steps of their own, completed keys", ownSteps(expertChoice(KeyValueSharing.COMPLETION))),
                new Model(
                        "random router",
                        of(
                                ParameterSharing.MIDDLE_CYCLE,
                                new Routing.Random(0.5, Gating.WEIGHTED, List.of(1.0, 2.0 / 3, 1.0 / 3)),
                                KeyValueSharing.NONE)));
    }

    /// Models of fixed depth, each with a feature that the plain model lacks.
    public static Stream<Model> trunks() {
        ModelConfig plain = of(ParameterSharing.CYCLE, new Routing.None(), KeyValueSharing.NONE);
        return Stream.of(
                new Model("steps of their own", ownSteps(plain)),
                new Model(
                        "narrow embedding",
                        plain.withArchitecture(plain.architecture().withEmbeddingSize(OptionalInt.of(12)))),
                new Model(
                        "injection",
                        plain.withRecursion(
                                plain.recursion().map(Recursion::withInjection), plain.routing(), plain.kvSharing())));
    }

    private static ModelConfig stepGated(ModelConfig model) {
        return model.withRecursion(
                model.recursion().map(Recursion::withStepGates), model.routing().withUsualGate(), model.kvSharing());
    }

    private static ModelConfig ownSteps(ModelConfig model) {
        return model.withRecursion(
                model.recursion()
                        .map(recursion -> recursion
                                .withStepLora(Optional.of(new StepLora(3, 6)))
                                .withStepNorms(true)),
                model.routing(),
                model.kvSharing());
    }

    static ModelConfig expertChoice(KeyValueSharing keys) {
        return of(
                ParameterSharing.MIDDLE_CYCLE,
                new Routing.ExpertChoice(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.5, 1, Gating.WEIGHTED),
                        List.of(1.0, 2.0 / 3, 1.0 / 3),
                        List.of(0.0, 0.5, 0.5),
                        CausalBy.ROUTER),
                keys);
    }

    private static ModelConfig position() {
        return of(
                ParameterSharing.MIDDLE_CYCLE,
                new Routing.ExpertThreshold(
                        new Routing.Router(RouterType.POSITION, RouterFunction.SIGMOID, 0.5, 0.5, Gating.WEIGHTED),
                        List.of(0.25, 0.5, 1.0),
                        0.5),
                KeyValueSharing.NONE);
    }

    static ModelConfig expertThreshold() {
        return of(
                ParameterSharing.MIDDLE_CYCLE,
                new Routing.ExpertThreshold(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.5, 1, Gating.WEIGHTED),
                        List.of(0.25, 0.5, 1.0),
                        0.5),
                KeyValueSharing.NONE);
    }

    private static Routing auxiliary() {
        return new Routing.ExpertChoice(
                new Routing.Router(RouterType.LINEAR, RouterFunction.TANH, 0.5, 1, Gating.ADDITIVE),
                List.of(1.0, 2.0 / 3, 1.0 / 3),
                List.of(0.0, 0.5, 0.5),
                CausalBy.AUXILIARY_ROUTER);
    }

    static ModelConfig vanilla() {
        return new ModelConfig(
                32,
                40,
                4,
                4,
                2,
                8,
                BytePairTrainer.SMALLEST_VOCABULARY,
                CONTEXT,
                1e-5,
                10_000,
                true,
                0.15,
                OptionalInt.empty(),
                List.of(0),
                Architecture.LLAMA,
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    static ModelConfig of(ParameterSharing sharing, Routing routing, KeyValueSharing keys) {
        int layers = sharing == ParameterSharing.MIDDLE_CYCLE || sharing == ParameterSharing.MIDDLE_SEQUENCE ? 8 : 6;
        return vanilla()
                .withNumHiddenLayers(layers)
                .withRecursion(Optional.of(new Recursion(sharing, 3)), routing, keys);
    }

    /// Draws a text.
    public static int[] text(Random random, int length) {
        return random.ints(length, 1, BytePairTrainer.SMALLEST_VOCABULARY).toArray();
    }
}
