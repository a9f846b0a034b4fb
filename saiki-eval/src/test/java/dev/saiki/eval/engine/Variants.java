package dev.saiki.eval.engine;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.Biases;
import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Experts;
import dev.saiki.checkpoint.config.Gating;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.config.RouterFunction;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.Scales;
import dev.saiki.checkpoint.config.SlidingWindow;
import dev.saiki.checkpoint.config.SoftCaps;
import dev.saiki.checkpoint.config.StepLora;
import dev.saiki.checkpoint.config.TokenGate;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Small models of every kind that can be decoded: routing × weight sharing × key-value sharing × heads.
final class Variants {

    static final int CONTEXT = 48;
    private static final int RECURSIONS = 3;
    private static final int WINDOW = 7;
    private static final int ORIGINAL = 16;

    private Variants() {}

    /// A model and its name.
    record Variant(String name, ModelConfig config) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Variant> all() {
        return Stream.concat(
                        Stream.of(4, 2, 1).map(Variants::withHeads).flatMap(List::stream),
                        Stream.of(4, 2, 1).map(Variants::families).flatMap(List::stream))
                .toList();
    }

    /// Models that differ from Llama. Their windows, and the original context of their scaled positions, are
    /// shorter than the context.
    private static List<Variant> families(int keyValueHeads) {
        SlidingWindow some = SlidingWindow.ofLayers(WINDOW, 4, 8);
        SlidingWindow block = SlidingWindow.ofLayers(WINDOW, 1, 7);
        Architecture qwen3 = Architecture.of(ModelFamily.QWEN3);
        Architecture smol = Architecture.of(ModelFamily.SMOLLM3).withUnrotatedLayers(List.of(1, 5));
        Architecture gemma3 = Architecture.of(ModelFamily.GEMMA3_TEXT)
                .withRopeScaling(new RopeScaling.Linear(3))
                .withScales(Scales.NONE.withAttention(OptionalDouble.of(0.3)))
                .withWindowTheta(300);
        Architecture gemma2 = Architecture.of(ModelFamily.GEMMA2)
                .withScales(Scales.NONE.withCaps(new SoftCaps(OptionalDouble.of(0.2), OptionalDouble.of(1.5))));
        Architecture ministral3 = Architecture.of(ModelFamily.MINISTRAL3)
                .withRopeScaling(new RopeScaling.Yarn(4, ORIGINAL, 32, 1, true, OptionalDouble.of(1), 0.4));
        Architecture cohere2 = Architecture.of(ModelFamily.COHERE2).withScales(Scales.NONE.withLogits(4));
        Architecture glm4 = Architecture.of(ModelFamily.GLM4).withRotatedShare(0.5);
        Architecture experts = Architecture.of(ModelFamily.QWEN3_MOE).withExperts(new Experts(6, 2, false));
        List<Architecture> vanilla = List.of(
                Architecture.LLAMA.withBiases(Biases.ALL).withRopeScaling(new RopeScaling.Linear(3)),
                Architecture.LLAMA.withRopeScaling(new RopeScaling.Llama3(4, 1, 4, ORIGINAL)),
                Architecture.LLAMA.withRopeScaling(RopeScaling.Yarn.of(4, ORIGINAL)),
                Architecture.of(ModelFamily.MISTRAL).withSlidingWindow(SlidingWindow.ofLayers(WINDOW, 0, 8)),
                Architecture.of(ModelFamily.QWEN2).withSlidingWindow(some),
                qwen3.withBiases(Biases.ATTENTION).withRopeScaling(RopeScaling.Yarn.of(4, ORIGINAL)),
                qwen3.withSlidingWindow(some),
                smol.withSlidingWindow(new SlidingWindow(WINDOW, List.of(1, 5))),
                Architecture.of(ModelFamily.OLMO2),
                Architecture.of(ModelFamily.OLMO3)
                        .withSlidingWindow(some)
                        .withRopeScaling(RopeScaling.Yarn.of(4, ORIGINAL)),
                Architecture.of(ModelFamily.EXAONE4).withSlidingWindow(some).withUnrotatedLayers(List.of(0, 1, 2, 3)),
                Architecture.of(ModelFamily.GRANITE)
                        .withBiases(Biases.ALL)
                        .withScales(new Scales(3, OptionalDouble.of(0.6), 0.4, 2, SoftCaps.NONE)),
                Architecture.of(ModelFamily.SEED_OSS),
                Architecture.of(ModelFamily.PHI3)
                        .withRotatedShare(0.75)
                        .withRopeScaling(new RopeScaling.LongRope(
                                List.of(1.0, 1.0, 1.0),
                                List.of(1.1, 3.0, 5.0),
                                ORIGINAL,
                                3,
                                OptionalDouble.empty(),
                                true))
                        .withSlidingWindow(SlidingWindow.ofLayers(WINDOW, 0, 8)),
                gemma3,
                gemma3.withSlidingWindow(some),
                gemma2.withSlidingWindow(some),
                ministral3,
                Architecture.of(ModelFamily.MIXTRAL)
                        .withExperts(new Experts(5, 2, true))
                        .withSlidingWindow(SlidingWindow.ofLayers(WINDOW, 0, 8)),
                experts,
                Architecture.of(ModelFamily.OLMOE).withExperts(new Experts(4, 3, true)),
                Architecture.of(ModelFamily.GRANITEMOE).withExperts(new Experts(3, 1, true)),
                Architecture.of(ModelFamily.STARCODER2).withSlidingWindow(SlidingWindow.ofLayers(WINDOW, 0, 8)),
                cohere2.withSlidingWindow(some).withUnrotatedLayers(List.of(0, 1, 2, 3)),
                Architecture.of(ModelFamily.GLM).withBiases(Biases.NONE),
                glm4.withRopeScaling(RopeScaling.Yarn.of(4, ORIGINAL)));
        List<Variant> variants = new ArrayList<>();
        for (Architecture architecture : vanilla) {
            ModelConfig config = vanilla(keyValueHeads).withArchitecture(architecture);
            variants.add(new Variant(architecture + ", " + keyValueHeads + " key-value heads", config));
        }
        for (Routing routing : List.of(new Routing.None(), routings().getFirst())) {
            for (KeyValueSharing keys : KeyValueSharing.values()) {
                if (!keys.isForRoutedModels() || !(routing instanceof Routing.None)) {
                    ModelConfig config = recursive(ParameterSharing.MIDDLE_CYCLE, routing, keys, keyValueHeads);
                    String name = ", recursive, " + routing + ", " + keys + ", " + keyValueHeads + " key-value heads";
                    variants.add(new Variant("qwen3" + name, config.withArchitecture(qwen3.withSlidingWindow(block))));
                    variants.add(
                            new Variant("olmo2" + name, config.withArchitecture(Architecture.of(ModelFamily.OLMO2))));
                    variants.add(
                            new Variant("gemma3" + name, config.withArchitecture(gemma3.withSlidingWindow(block))));
                    variants.add(
                            new Variant("gemma2" + name, config.withArchitecture(gemma2.withSlidingWindow(block))));
                    variants.add(new Variant("ministral3" + name, config.withArchitecture(ministral3)));
                    variants.add(new Variant(
                            "cohere2" + name,
                            config.withArchitecture(
                                    cohere2.withSlidingWindow(block).withUnrotatedLayers(List.of(0, 7)))));
                    variants.add(new Variant(
                            "starcoder2" + name, config.withArchitecture(Architecture.of(ModelFamily.STARCODER2))));
                    variants.add(new Variant("glm4" + name, config.withArchitecture(glm4)));
                    variants.add(new Variant("qwen3_moe" + name, config.withArchitecture(experts)));
                }
            }
        }
        return variants;
    }

    /// The variants of {@link #all} with this number of key-value heads.
    static List<Variant> withHeads(int keyValueHeads) {
        List<Variant> variants = new ArrayList<>();
        variants.add(new Variant("vanilla, " + keyValueHeads + " key-value heads", vanilla(keyValueHeads)));
        for (ParameterSharing sharing : ParameterSharing.values()) {
            addShared(variants, sharing, keyValueHeads);
        }
        addEnds(variants, keyValueHeads);
        addStepGates(variants, keyValueHeads);
        addOwnSteps(variants, keyValueHeads);
        addNarrowEmbeddings(variants, keyValueHeads);
        addInjections(variants, keyValueHeads);
        return variants;
    }

    /// More layers at the ends than in the block.
    private static void addEnds(List<Variant> variants, int keyValueHeads) {
        Recursion cycle = new Recursion(ParameterSharing.MIDDLE_CYCLE, RECURSIONS, 2, 3);
        Recursion sequence = new Recursion(ParameterSharing.MIDDLE_SEQUENCE, RECURSIONS, 3, 1);
        for (KeyValueSharing keys : KeyValueSharing.values()) {
            ModelConfig routed = vanilla(keyValueHeads)
                    .withRecursion(Optional.of(cycle), routings().getFirst(), keys);
            variants.add(new Variant(cycle + ", " + keys + ", " + keyValueHeads + " key-value heads", routed));
        }
        ModelConfig fixed = vanilla(keyValueHeads)
                .withNumHiddenLayers(10)
                .withRecursion(Optional.of(sequence), new Routing.None(), KeyValueSharing.NONE);
        variants.add(new Variant(sequence + ", " + keyValueHeads + " key-value heads", fixed));
    }

    private static void addStepGates(List<Variant> variants, int keyValueHeads) {
        Recursion middle = new Recursion(ParameterSharing.MIDDLE_CYCLE, RECURSIONS).withStepGates();
        Recursion cycle = new Recursion(ParameterSharing.CYCLE, RECURSIONS).withStepGates();
        List<Routing> routings = new ArrayList<>(List.of(new Routing.None()));
        routings.addAll(routings());
        for (Routing routing : routings) {
            for (KeyValueSharing keys : KeyValueSharing.values()) {
                boolean unrouted = routing instanceof Routing.None;
                if (!(routing instanceof Routing.TokenChoice) && (!keys.isForRoutedModels() || !unrouted)) {
                    Recursion recursion = unrouted ? cycle : middle;
                    ModelConfig config = vanilla(keyValueHeads)
                            .withNumHiddenLayers(unrouted ? 6 : 8)
                            .withRecursion(Optional.of(recursion), routing.withUsualGate(), keys);
                    String name = "step gates, " + routing + ", " + keys + ", " + keyValueHeads + " key-value heads";
                    variants.add(new Variant(name, config));
                }
            }
        }
    }

    /// Variants with low-rank updates and norms of steps, with every routing and every key-value sharing.
    private static void addOwnSteps(List<Variant> variants, int keyValueHeads) {
        Recursion middle = new Recursion(ParameterSharing.MIDDLE_CYCLE, RECURSIONS);
        Optional<StepLora> lora = Optional.of(new StepLora(3, 6));
        List<Recursion> recursions = List.of(
                middle.withStepLora(lora),
                middle.withStepNorms(true),
                middle.withStepLora(lora).withStepNorms(true));
        List<Routing> routings = routings();
        List<Routing> deciding =
                List.of(new Routing.None(), routings.getFirst(), routings.get(4), routings.get(5), routings.getLast());
        for (Routing routing : deciding) {
            for (KeyValueSharing keys : KeyValueSharing.values()) {
                if (!keys.isForRoutedModels() || !(routing instanceof Routing.None)) {
                    Recursion recursion = recursions.get(variants.size() % recursions.size());
                    ModelConfig config = vanilla(keyValueHeads).withRecursion(Optional.of(recursion), routing, keys);
                    String name = recursion + ", " + routing + ", " + keys + ", " + keyValueHeads + " key-value heads";
                    variants.add(new Variant(name, config));
                    if (routing instanceof Routing.ExpertThreshold && keys == KeyValueSharing.NONE) {
                        ModelConfig gated = config.withRecursion(
                                Optional.of(recursion.withStepGates()), routing.withUsualGate(), keys);
                        variants.add(new Variant("step gates, " + name, gated));
                        ModelConfig other = config.withArchitecture(Architecture.of(ModelFamily.OLMO2));
                        variants.add(new Variant("olmo2, " + name, other));
                        Architecture around = Architecture.of(ModelFamily.GEMMA3_TEXT);
                        variants.add(new Variant("gemma3, " + name, config.withArchitecture(around)));
                    }
                }
            }
        }
    }

    private static void addNarrowEmbeddings(List<Variant> variants, int keyValueHeads) {
        ModelConfig routed =
                recursive(ParameterSharing.MIDDLE_CYCLE, routings().getFirst(), KeyValueSharing.HYBRID, keyValueHeads);
        for (ModelConfig config : List.of(vanilla(keyValueHeads), routed)) {
            Architecture narrow = config.architecture().withEmbeddingSize(OptionalInt.of(12));
            String name = "embedding of 12, " + config.routing() + ", " + keyValueHeads + " key-value heads";
            variants.add(new Variant(name, config.withArchitecture(narrow)));
        }
    }

    private static void addInjections(List<Variant> variants, int keyValueHeads) {
        Recursion injected = new Recursion(ParameterSharing.MIDDLE_CYCLE, RECURSIONS).withInjection();
        List<Routing> routings = routings();
        for (Routing routing : List.of(
                new Routing.None(), routings.getFirst(), routings.get(4), routings.get(5), routings.getLast())) {
            for (KeyValueSharing keys : KeyValueSharing.values()) {
                if (!keys.isForRoutedModels() || !(routing instanceof Routing.None)) {
                    ModelConfig config = vanilla(keyValueHeads).withRecursion(Optional.of(injected), routing, keys);
                    String name = "injection, " + routing + ", " + keys + ", " + keyValueHeads + " key-value heads";
                    variants.add(new Variant(name, config));
                }
            }
        }
    }

    private static void addShared(List<Variant> variants, ParameterSharing sharing, int keyValueHeads) {
        boolean cycle = sharing == ParameterSharing.CYCLE || sharing == ParameterSharing.MIDDLE_CYCLE;
        List<Routing> routings = new ArrayList<>(List.of(new Routing.None()));
        if (cycle) {
            routings.addAll(routings());
        }
        for (Routing routing : routings) {
            for (KeyValueSharing keys : KeyValueSharing.values()) {
                if (!keys.isForRoutedModels() || !(routing instanceof Routing.None)) {
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
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.4, 1, Gating.WEIGHTED),
                        capacity,
                        threshold,
                        CausalBy.ROUTER),
                new Routing.ExpertChoice(
                        new Routing.Router(RouterType.MLP, RouterFunction.TANH, 0.4, 2, Gating.ADDITIVE),
                        capacity,
                        threshold,
                        CausalBy.ROUTER),
                new Routing.ExpertChoice(
                        new Routing.Router(RouterType.WIDE_MLP, RouterFunction.NONE, 1, 0.5, Gating.WEIGHTED),
                        capacity,
                        threshold,
                        CausalBy.AUXILIARY_ROUTER),
                new Routing.ExpertChoice(
                        new Routing.Router(RouterType.POSITION, RouterFunction.SIGMOID, 0.4, 1, Gating.WEIGHTED),
                        capacity,
                        threshold,
                        CausalBy.ROUTER),
                new Routing.ExpertThreshold(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SIGMOID, 0.4, 1, Gating.WEIGHTED),
                        List.of(0.25, 0.5, 1.0),
                        0.4),
                new Routing.TokenChoice(
                        new Routing.Router(RouterType.LINEAR, RouterFunction.SOFTMAX, 1, 1, Gating.WEIGHTED),
                        TokenGate.EVERY),
                new Routing.TokenChoice(
                        new Routing.Router(RouterType.MLP, RouterFunction.SIGMOID, 0.5, 1, Gating.WEIGHTED),
                        TokenGate.LAST),
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
                List.of(0),
                Architecture.LLAMA,
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
