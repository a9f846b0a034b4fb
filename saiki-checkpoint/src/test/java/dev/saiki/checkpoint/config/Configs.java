package dev.saiki.checkpoint.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Configurations for tests: the paper's shapes and a small one.
public final class Configs {

    private Configs() {}

    /// A plain Llama of a given shape, with the paper's constants.
    public static ModelConfig vanilla(int hidden, int intermediate, int layers, int heads, int keyValueHeads) {
        return new ModelConfig(
                hidden,
                intermediate,
                layers,
                heads,
                keyValueHeads,
                64,
                49_152,
                2048,
                1e-5,
                10_000,
                true,
                0.02,
                OptionalInt.of(0),
                List.of(0),
                Architecture.LLAMA,
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    /// One of the paper's four shapes, with any number of layers.
    public static ModelConfig shape(String name, int layers) {
        return switch (name) {
            case "135M" -> vanilla(576, 1536, layers, 9, 3);
            case "360M" -> vanilla(960, 2560, layers, 15, 5);
            case "730M" -> vanilla(1536, 4096, layers, 24, 8);
            case "1.7B" -> vanilla(2048, 8192, layers, 32, 32);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// Hidden size 8, two heads, vocabulary 11, untied, without recursion.
    public static ModelConfig tiny(int layers) {
        return new ModelConfig(
                8,
                12,
                layers,
                2,
                1,
                4,
                11,
                32,
                1e-5,
                10_000,
                false,
                0.02,
                OptionalInt.empty(),
                List.of(0),
                Architecture.LLAMA,
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    /// The same model with recursion.
    public static ModelConfig recursive(
            ModelConfig base, ParameterSharing sharing, int steps, Routing routing, KeyValueSharing kvSharing) {
        return base.withRecursion(Optional.of(new Recursion(sharing, steps)), routing, kvSharing);
    }

    /// The same model with a fixed number of recursions, middle-cycle.
    public static ModelConfig fixedDepth(ModelConfig base, int steps) {
        return recursive(base, ParameterSharing.MIDDLE_CYCLE, steps, new Routing.None(), KeyValueSharing.NONE);
    }

    /// The same model with expert choice as in the paper's final recipe, middle-cycle.
    public static ModelConfig mixture(ModelConfig base, int steps, KeyValueSharing kvSharing) {
        return recursive(base, ParameterSharing.MIDDLE_CYCLE, steps, expertChoice(steps), kvSharing);
    }

    public static Routing.ExpertChoice expertChoice(int steps) {
        return expertChoice(steps, RouterType.LINEAR, CausalBy.ROUTER);
    }

    public static Routing.ExpertChoice expertChoice(int steps, RouterType type, CausalBy causalBy) {
        return new Routing.ExpertChoice(
                new Routing.Router(type, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                Capacities.balanced(steps),
                Routing.defaultThreshold(steps),
                causalBy);
    }

    public static Routing.TokenChoice tokenChoice(RouterType type) {
        return new Routing.TokenChoice(
                new Routing.Router(type, RouterFunction.SOFTMAX, 1, 1, Gating.WEIGHTED), TokenGate.EVERY);
    }

    public static Routing.ExpertThreshold expertThreshold(double defaultEffort) {
        return new Routing.ExpertThreshold(
                new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.1, 1, Gating.WEIGHTED),
                List.of(0.25, 0.5, 0.75, 1.0),
                defaultEffort);
    }
}
