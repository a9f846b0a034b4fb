package dev.saiki.convert.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The windows of some layers in a GGUF file and in a checkpoint's `config.json`.
final class GgufWindows {

    private static final String SIZE = "attention.sliding_window";
    private static final String PATTERN = "attention.sliding_window_pattern";
    private static final String THETA = "rope.freq_base_swa";
    private static final String SLIDING = "sliding_attention";

    /// llama.cpp's base of the rotary frequencies in layers with a window, and its intervals between layers without
    /// one.
    private static final double USUAL_THETA = 10_000;

    private static final Map<GgufArchitecture, Integer> INTERVALS =
            Map.of(GgufArchitecture.GEMMA2, 2, GgufArchitecture.GEMMA3, 6);

    private static final int USUAL_INTERVAL = 4;

    private static final int WINDOW_OF_GEMMA2 = 4096;

    private GgufWindows() {}

    /// The keys that this class reads.
    static List<String> keys() {
        return List.of(SIZE, PATTERN, THETA);
    }

    /// Whether some layers have a window.
    static boolean areIn(GgufMetadata metadata, GgufArchitecture architecture, int layers) {
        return architecture.hasWindows(layers) && size(metadata, architecture).isPresent();
    }

    private static Optional<Integer> size(GgufMetadata metadata, GgufArchitecture architecture) {
        return metadata.whole(architecture.key() + "." + SIZE)
                .or(() -> Optional.of(WINDOW_OF_GEMMA2).filter(_ -> architecture == GgufArchitecture.GEMMA2))
                .filter(positions -> positions > 0);
    }

    /// Adds the window, its layers and their rotary base to a configuration.
    static void read(GgufMetadata metadata, GgufArchitecture architecture, int layers, ObjectNode config) {
        String prefix = architecture.key() + ".";
        if (architecture == GgufArchitecture.PHI3) {
            // llama.cpp ignores this window, but the model has it.
            size(metadata, architecture)
                    .ifPresentOrElse(
                            positions -> config.put("sliding_window", positions),
                            () -> config.putNull("sliding_window"));
            return;
        }
        if (architecture == GgufArchitecture.COHERE2 && metadata.requireWhole(prefix + SIZE) == 0) {
            throw metadata.wrong(prefix + SIZE, "at least 1", 0);
        }
        if (!areIn(metadata, architecture, layers)) {
            if (architecture == GgufArchitecture.EXAONE4 || architecture == GgufArchitecture.GEMMA3) {
                config.putNull("sliding_window");
            }
            return;
        }
        config.put("sliding_window", size(metadata, architecture).orElseThrow());
        ArrayNode types = config.putArray("layer_types");
        IntStream.range(0, layers)
                .forEach(layer -> types.add(
                        isWindowed(metadata, architecture, prefix + PATTERN, layer) ? SLIDING : "full_attention"));
        double theta = config.path("rope_theta").doubleValue();
        if (architecture == GgufArchitecture.GEMMA3) {
            config.put("rope_local_base_freq", metadata.real(prefix + THETA).orElse(USUAL_THETA));
        } else {
            metadata.real(prefix + THETA).filter(base -> base != theta).ifPresent(base -> {
                throw metadata.wrong(prefix + THETA, "equal to rope.freq_base", base);
            });
        }
    }

    private static boolean isWindowed(GgufMetadata metadata, GgufArchitecture architecture, String key, int layer) {
        if (metadata.values().get(key) instanceof GgufValue.Wholes(long[] flags, ValueType _)) {
            return layer < flags.length && flags[layer] != 0;
        }
        int usual = INTERVALS.getOrDefault(architecture, USUAL_INTERVAL);
        int interval = metadata.whole(key).orElse(usual);
        return interval == 0 || layer % interval < interval - 1;
    }

    /// Writes the windows of a configuration, if llama.cpp computes them.
    ///
    /// @param config the content of a `config.json`, as Saiki writes it
    static void write(JsonNode config, GgufArchitecture architecture, GgufWriter writer) {
        String prefix = architecture.key() + ".";
        if (architecture == GgufArchitecture.PHI3
                && config.path("sliding_window").isInt()) {
            writer.put(prefix + SIZE, config.path("sliding_window").intValue());
        }
        if (!config.path("sliding_window").isInt()
                || !architecture.hasWindows(config.path("num_hidden_layers").intValue())) {
            return;
        }
        JsonNode types = config.path("layer_types");
        long[] flags = new long[types.size()];
        Arrays.setAll(flags, layer -> types.path(layer).stringValue("").equals(SLIDING) ? 1 : 0);
        writer.put(prefix + SIZE, config.path("sliding_window").intValue())
                .put(prefix + PATTERN, new GgufValue.Wholes(flags, ValueType.BOOL));
        if (config.path("rope_local_base_freq").isNumber()) {
            writer.put(prefix + THETA, config.path("rope_local_base_freq").doubleValue());
        }
    }
}
