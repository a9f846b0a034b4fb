package dev.saiki.eval.engine;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Small models of every kind that can be decoded: routing × sharing × where keys and values come from × heads.
final class Variants {

    static final int CONTEXT = 48;
    private static final int RECURSIONS = 3;

    private Variants() {}

    /// A model and what it is called.
    record Variant(String name, ModelConfig config) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Variant> all() {
        return Stream.of(4, 2, 1).map(Variants::withHeads).flatMap(List::stream).toList();
    }

    /// Those of {@link #all} that have so many key-value heads.
    static List<Variant> withHeads(int keyValueHeads) {
        List<Variant> variants = new ArrayList<>();
        variants.add(new Variant("vanilla, " + keyValueHeads + " key-value heads", vanilla(keyValueHeads)));
        for (ParameterSharing sharing : ParameterSharing.values()) {
            addShared(variants, sharing, keyValueHeads);
        }
        return variants;
    }

    private static void addShared(List<Variant> variants, ParameterSharing sharing, int keyValueHeads) {
        boolean cycle = sharing == ParameterSharing.CYCLE || sharing == ParameterSharing.MIDDLE_CYCLE;
        List<Routing> routings = new ArrayList<>(List.of(new Routing.None()));
        if (cycle) {
            routings.addAll(routings());
        }
        for (Routing routing : routings) {
            for (KeyValueSharing keys : KeyValueSharing.values()) {
                if (keys != KeyValueSharing.HYBRID || !(routing instanceof Routing.None)) {
                    String name = sharing + ", " + routing + ", " + keys + ", " + keyValueHeads + " key-value heads";
                    variants.add(new Variant(name, recursive(sharing, routing, keys, keyValueHeads)));
                }
            }
        }
    }

    private static List<Routing> routings() {
        List<Double> capacity = List.of(1.0, 2.0 / 3, 1.0 / 3);
        List<Double> threshold = List.of(0.0, 0.5, 0.5);
        return List.of(
                new Routing.ExpertChoice(
                        RouterType.LINEAR,
                        RouterFunction.SIGMOID,
                        0.4,
                        1,
                        Gating.WEIGHTED,
                        capacity,
                        threshold,
                        CausalBy.ROUTER),
                new Routing.ExpertChoice(
                        RouterType.MLP,
                        RouterFunction.TANH,
                        0.4,
                        2,
                        Gating.ADDITIVE,
                        capacity,
                        threshold,
                        CausalBy.ROUTER),
                new Routing.ExpertChoice(
                        RouterType.WIDE_MLP,
                        RouterFunction.NONE,
                        1,
                        0.5,
                        Gating.WEIGHTED,
                        capacity,
                        threshold,
                        CausalBy.AUXILIARY_ROUTER),
                new Routing.ExpertChoice(
                        RouterType.POSITION,
                        RouterFunction.SIGMOID,
                        0.4,
                        1,
                        Gating.WEIGHTED,
                        capacity,
                        threshold,
                        CausalBy.ROUTER),
                new Routing.ExpertThreshold(
                        RouterType.LINEAR,
                        RouterFunction.SIGMOID,
                        0.4,
                        1,
                        Gating.WEIGHTED,
                        List.of(0.25, 0.5, 1.0),
                        0.4),
                new Routing.TokenChoice(
                        RouterType.LINEAR, RouterFunction.SOFTMAX, 1, 1, Gating.WEIGHTED, TokenGate.EVERY),
                new Routing.TokenChoice(
                        RouterType.MLP, RouterFunction.SIGMOID, 0.5, 1, Gating.WEIGHTED, TokenGate.LAST),
                new Routing.Random(0.5, Gating.WEIGHTED, capacity));
    }

    static ModelConfig vanilla(int keyValueHeads) {
        return new ModelConfig(
                32,
                40,
                8,
                4,
                keyValueHeads,
                8,
                BytePairTrainer.SMALLEST_VOCABULARY,
                CONTEXT,
                1e-5,
                10_000,
                true,
                0.15,
                OptionalInt.empty(),
                OptionalInt.of(0),
                Optional.empty(),
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    static ModelConfig recursive(ParameterSharing sharing, Routing routing, KeyValueSharing keys, int keyValueHeads) {
        int layers = sharing == ParameterSharing.MIDDLE_CYCLE || sharing == ParameterSharing.MIDDLE_SEQUENCE ? 8 : 6;
        return vanilla(keyValueHeads)
                .withNumHiddenLayers(layers)
                .withRecursion(Optional.of(new Recursion(sharing, RECURSIONS)), routing, keys);
    }
}
