package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of rotary positions: `rope_theta` and `rope_scaling`, or `rope_parameters` of newer files.
final class RopeJson {

    static final String SHARE = "partial_rotary_factor";
    static final String ORIGINAL = "original_max_position_embeddings";

    private static final Set<String> EVERY_KIND = Set.of("rope_type", "type", "rope_theta", SHARE);

    private static final String QUERY_GROWTH = "llama_4_scaling_beta";
    private static final String SHORT = "short_factor";
    private static final String LONG = "long_factor";

    private static final String OF_WINDOWS = "sliding_attention";

    private static final List<String> KINDS = List.of("default", "linear", "llama3", "yarn", "longrope");

    private RopeJson() {}

    /// Reads the scaling of positions.
    ///
    /// @param fields the whole configuration
    /// @param family the family, which has a scaling of its own if the configuration names none
    /// @param maxPositions the context length, which counts as the original context length if YaRN states
    ///     none
    static RopeScaling readScaling(JsonFields fields, ModelFamily family, int maxPositions) {
        List<RopeScaling> found = blocks(fields).stream()
                .map(block -> read(block, fields, maxPositions))
                .toList();
        if (found.size() == 2 && !found.getFirst().equals(found.getLast())) {
            throw ValueChecks.wrong("rope_parameters", "equal to rope_scaling, or absent", "another scaling");
        }
        return found.isEmpty() ? RotaryPositions.of(family).scaling() : found.getFirst();
    }

    /// Reads the base of the frequencies.
    static double readTheta(JsonFields fields, double otherwise) {
        Optional<Double> outside = fields.optionalDouble("rope_theta");
        List<Double> inside = blocks(fields).stream()
                .flatMap(block -> block.optionalDouble("rope_theta").stream())
                .distinct()
                .toList();
        double theta = outside.orElse(inside.isEmpty() ? otherwise : inside.getFirst());
        if (inside.stream().anyMatch(other -> other != theta)) {
            throw ValueChecks.wrong("rope_theta", "the same in all blocks", inside + " and " + theta);
        }
        return theta;
    }

    /// Reads the share of a head's elements that are rotated.
    static double readRotatedShare(JsonFields fields, double otherwise) {
        List<Double> found = Stream.concat(Stream.of(fields), blocks(fields).stream())
                .flatMap(block -> block.optionalDouble(SHARE).stream())
                .distinct()
                .toList();
        if (found.size() > 1) {
            throw ValueChecks.wrong(SHARE, "the same in all blocks", found);
        }
        return found.isEmpty() ? otherwise : found.getFirst();
    }

    /// Reads the base of the frequencies in layers with a window, if `rope_parameters` has a block for them.
    static Optional<Double> readWindowTheta(JsonFields fields) {
        Optional<JsonFields> block = fields.object("rope_parameters").flatMap(both -> both.object(OF_WINDOWS));
        block.ifPresent(rope -> {
            InputException.require(
                    read(rope, fields, 1) instanceof RopeScaling.None, rope.path("rope_type"), "default", "a scaling");
        });
        return block.flatMap(rope -> rope.optionalDouble("rope_theta"));
    }

    private static List<JsonFields> blocks(JsonFields fields) {
        return Stream.of("rope_scaling", "rope_parameters")
                .flatMap(key -> fields.object(key).stream())
                .map(block -> block.object("full_attention").orElse(block))
                .toList();
    }

    private static RopeScaling read(JsonFields rope, JsonFields fields, int maxPositions) {
        Optional<String> newer = rope.optionalString("rope_type");
        Optional<String> older = rope.optionalString("type");
        String kind = newer.or(() -> older).orElse("default");
        if (newer.isPresent() && older.isPresent() && !newer.equals(older)) {
            throw ValueChecks.wrong(rope.path("type"), "equal to rope_type", "\"" + older.get() + "\"");
        }
        return switch (kind) {
            case "default" -> {
                rope.requireKnown(EVERY_KIND);
                yield new RopeScaling.None();
            }
            case "linear" -> {
                requireKnown(rope, "factor");
                yield new RopeScaling.Linear(number(rope, "factor"));
            }
            case "llama3" -> {
                requireKnown(rope, "factor", "low_freq_factor", "high_freq_factor", ORIGINAL);
                yield new RopeScaling.Llama3(
                        number(rope, "factor"),
                        number(rope, "low_freq_factor"),
                        number(rope, "high_freq_factor"),
                        positions(rope).orElseThrow(() -> rope.missing(ORIGINAL)));
            }
            case "yarn" -> readYarn(rope, maxPositions);
            case "longrope", "su" -> readLongRope(rope, fields, maxPositions);
            default ->
                throw ValueChecks.wrong(
                        rope.path(newer.isPresent() ? "rope_type" : "type"),
                        "one of " + String.join(", ", KINDS) + ", which are the supported ones",
                        "\"" + kind + "\"");
        };
    }

    private static RopeScaling readYarn(JsonFields rope, int maxPositions) {
        requireKnown(
                rope,
                "factor",
                ORIGINAL,
                "beta_fast",
                "beta_slow",
                "truncate",
                "attention_factor",
                "mscale",
                "mscale_all_dim",
                QUERY_GROWTH,
                "max_position_embeddings");
        double factor = number(rope, "factor");
        return new RopeScaling.Yarn(
                factor,
                positions(rope).orElse(maxPositions),
                rope.optionalDouble("beta_fast").orElse(RopeScaling.Yarn.BETA_FAST),
                rope.optionalDouble("beta_slow").orElse(RopeScaling.Yarn.BETA_SLOW),
                rope.optionalBoolean("truncate").orElse(true),
                attentionFactor(rope, factor),
                rope.optionalDouble(QUERY_GROWTH).orElse(0.0));
    }

    /// Reads the scaling of Phi 3, whose original context may be outside the block.
    private static RopeScaling readLongRope(JsonFields rope, JsonFields fields, int maxPositions) {
        requireKnown(rope, "factor", SHORT, LONG, ORIGINAL, "attention_factor");
        int original = positions(rope).or(() -> positions(fields)).orElseThrow(() -> rope.missing(ORIGINAL));
        return new RopeScaling.LongRope(
                rope.optionalDoubles(SHORT).orElseThrow(() -> rope.missing(SHORT)),
                rope.optionalDoubles(LONG).orElseThrow(() -> rope.missing(LONG)),
                original,
                rope.optionalDouble("factor").orElse((double) maxPositions / original),
                attentionFactor(rope, 1),
                maxPositions > original);
    }

    /// Reads the factor of queries and keys. If only the weights `mscale` and `mscale_all_dim` are given, as in
    /// DeepSeek's files, the factor is {@link RopeScaling.Yarn#magnitude(double, double)} with the first weight,
    /// divided by the same with the second weight.
    private static OptionalDouble attentionFactor(JsonFields rope, double factor) {
        Optional<Double> given = rope.optionalDouble("attention_factor");
        double scale = rope.optionalDouble("mscale").orElse(0.0);
        double scaleOfAll = rope.optionalDouble("mscale_all_dim").orElse(0.0);
        if (given.isPresent() || scale == 0 || scaleOfAll == 0) {
            return given.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
        }
        return OptionalDouble.of(
                RopeScaling.Yarn.magnitude(factor, scale) / RopeScaling.Yarn.magnitude(factor, scaleOfAll));
    }

    private static void requireKnown(JsonFields rope, String... keys) {
        Set<String> known = new HashSet<>(EVERY_KIND);
        known.addAll(List.of(keys));
        rope.requireKnown(known);
    }

    private static double number(JsonFields rope, String key) {
        return rope.optionalDouble(key).orElseThrow(() -> rope.missing(key));
    }

    private static Optional<Integer> positions(JsonFields rope) {
        return rope.optionalInt(ORIGINAL);
    }

    static void write(ModelConfig config, ObjectNode json) {
        json.put("rope_theta", config.ropeTheta());
        RopeScaling scaling = config.architecture().positions().scaling();
        if (scaling instanceof RopeScaling.None) {
            return;
        }
        boolean isMinistral = config.architecture().family() == ModelFamily.MINISTRAL3;
        ObjectNode block = json.putObject(isMinistral ? "rope_parameters" : "rope_scaling");
        if (isMinistral) {
            block.put("rope_theta", config.ropeTheta());
        }
        // Older versions of Hugging Face's class of Phi 3 accept no other key than this and the lists.
        block.put(scaling instanceof RopeScaling.LongRope ? "type" : "rope_type", scaling.key());
        switch (scaling) {
            case RopeScaling.None _ -> {}
            case RopeScaling.Linear linear -> block.put("factor", linear.factor());
            case RopeScaling.Llama3 llama -> {
                block.put("factor", llama.factor());
                block.put("low_freq_factor", llama.lowFreqFactor());
                block.put("high_freq_factor", llama.highFreqFactor());
                block.put(ORIGINAL, llama.originalPositions());
            }
            case RopeScaling.Yarn yarn -> {
                block.put("factor", yarn.factor());
                block.put(ORIGINAL, yarn.originalPositions());
                block.put("beta_fast", yarn.betaFast());
                block.put("beta_slow", yarn.betaSlow());
                block.put("truncate", yarn.truncate());
                if (isMinistral) {
                    block.put(QUERY_GROWTH, yarn.queryGrowth());
                }
                if (isMinistral && yarn.attentionFactor().equals(OptionalDouble.of(1))) {
                    // The same factor in the form that llama.cpp's converter requires.
                    block.put("mscale", 1.0).put("mscale_all_dim", 1.0);
                } else {
                    yarn.attentionFactor().ifPresent(factor -> block.put("attention_factor", factor));
                }
            }
            case RopeScaling.LongRope longRope -> writeLongRope(config, longRope, json, block);
        }
    }

    private static void writeLongRope(
            ModelConfig config, RopeScaling.LongRope scaling, ObjectNode json, ObjectNode block) {
        boolean isPhi = config.architecture().family() == ModelFamily.PHI3;
        (isPhi ? json : block).put(ORIGINAL, scaling.originalPositions());
        scaling.shortDivisors().forEach(block.putArray(SHORT)::add);
        scaling.longDivisors().forEach(block.putArray(LONG)::add);
        if (scaling.factor() != (double) config.maxPositionEmbeddings() / scaling.originalPositions()) {
            block.put("factor", scaling.factor());
        }
        scaling.attentionFactor().ifPresent(factor -> block.put("attention_factor", factor));
    }
}
