package dev.saiki.cli.model;

import dev.saiki.checkpoint.config.Activation;
import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.Biases;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.config.Scales;
import dev.saiki.cli.terminal.NumberFormats;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The text of {@link DescribeCommand} on how a model's layers differ from those of a plain Llama.
final class ArchitectureText {

    private final ModelConfig config;
    private final Architecture architecture;

    ArchitectureText(ModelConfig config) {
        this.config = config;
        this.architecture = config.architecture();
    }

    /// The family, by its name in `config.json`.
    String family() {
        return architecture.family().key();
    }

    /// Describes the biases and norms.
    String layers() {
        String biases = biased().isEmpty() ? "no biases" : "biases on " + String.join(", ", biased());
        String heads = switch (architecture.family().queryKeyNorm()) {
            case NONE -> "";
            case EACH_HEAD -> ", norms on each head of queries and keys";
            case WHOLE_PROJECTION -> ", norms on whole queries and keys";
        };
        String placement = switch (architecture.family().normPlacement()) {
            case BEFORE -> "norms before attention and feed-forward";
            case AFTER -> "norms after attention and feed-forward";
            case AROUND, SANDWICH -> "norms before and after attention and feed-forward";
            case PARALLEL -> "one norm before parallel attention and feed-forward";
        };
        String centred = architecture.family().centresNorms() ? ", norms without mean" : "";
        String gate = architecture.family().gatesFeedForward() ? "" : ", feed-forward without gate";
        String activation = architecture.family().activation() == Activation.GELU ? ", GELU" : "";
        return family() + ": " + biases + ", " + placement + centred + heads + activation + gate + experts()
                + factors();
    }

    private String experts() {
        return architecture
                .experts()
                .map(experts -> ", " + experts.chosen() + " of " + experts.count() + " experts")
                .orElse("");
    }

    private String factors() {
        Scales scales = architecture.scales();
        return factor("embedding", config.embeddingScale())
                + (scales.attention().isPresent() ? factor("scores", config.attentionScale()) : "")
                + factor("residual", scales.residual())
                + factor("logits", 1 / scales.logits())
                + bound("scores", scales.caps().scores())
                + bound("logits", scales.caps().logits());
    }

    private static String bound(String what, OptionalDouble cap) {
        return cap.isPresent() ? NumberFormats.text(", %s bounded by %.4g", what, cap.getAsDouble()) : "";
    }

    private static String factor(String what, double factor) {
        return factor == 1 ? "" : NumberFormats.text(", %s times %.4g", what, factor);
    }

    private List<String> biased() {
        Biases biases = architecture.biases();
        return Stream.of(
                        biases.queryKeyValue() ? "queries, keys and values" : "",
                        biases.output() ? "attention's output" : "",
                        biases.feedForward() ? "feed-forward" : "")
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /// Describes the rotary embedding, and names layers without it.
    String positions() {
        String context = "context " + NumberFormats.count(config.maxPositionEmbeddings());
        String rotation = ", rotary at base " + plain(config.ropeTheta());
        String scaling = switch (architecture.positions().scaling()) {
            case RopeScaling.None _ -> "";
            case RopeScaling.Linear linear -> ", linear scaling by " + plain(linear.factor());
            case RopeScaling.Llama3 llama ->
                ", llama3 scaling by " + plain(llama.factor()) + " from "
                        + NumberFormats.count(llama.originalPositions());
            case RopeScaling.Yarn yarn ->
                ", yarn scaling by " + plain(yarn.factor()) + " from " + NumberFormats.count(yarn.originalPositions())
                        + NumberFormats.text(", magnitude %.4f", yarn.magnitude())
                        + (yarn.queryGrowth() == 0
                                ? ""
                                : NumberFormats.text(", queries growing by %.4g", yarn.queryGrowth()));
            case RopeScaling.LongRope longRope ->
                ", longrope scaling from " + NumberFormats.count(longRope.originalPositions())
                        + NumberFormats.text(", magnitude %.4f", longRope.magnitude());
        };
        String unrotated = architecture.unrotatedLayers().isEmpty()
                ? ""
                : ", none in layers " + list(architecture.unrotatedLayers());
        String windows = architecture.positions().windowTheta().isPresent()
                ? ", at base " + plain(architecture.positions().windowTheta().getAsDouble())
                        + " in layers with a window"
                : "";
        int rotated = architecture.positions().rotatedOf(config.headDim());
        String part =
                rotated == config.headDim() ? "" : ", " + rotated + " of " + config.headDim() + " elements of a head";
        String pairs = architecture.family().pairsNeighbours() ? ", in neighbouring pairs" : "";
        return context + rotation + part + pairs + scaling + unrotated + windows;
    }

    /// Describes the attention windows.
    String window() {
        return architecture
                .slidingWindow()
                .map(window -> NumberFormats.count(window.size()) + " positions in layers " + list(window.layers()))
                .orElse("none");
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? NumberFormats.count((long) number) : String.valueOf(number);
    }

    private static String list(List<Integer> layers) {
        return layers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    void write(ObjectNode root) {
        ObjectNode json = root.putObject("architecture");
        json.put("family", family());
        ArrayNode biases = json.putArray("biases");
        biased().forEach(biases::add);
        json.put("norms", lower(architecture.family().normPlacement()));
        json.put("query_key_norm", lower(architecture.family().queryKeyNorm()));
        architecture
                .experts()
                .ifPresent(experts ->
                        json.putObject("experts").put("count", experts.count()).put("chosen", experts.chosen()));
        json.put("rope_type", architecture.positions().scaling().key());
        architecture.slidingWindow().ifPresent(window -> {
            ObjectNode block = json.putObject("sliding_window");
            block.put("size", window.size());
            window.layers().forEach(block.putArray("layers")::add);
        });
        architecture.unrotatedLayers().forEach(json.putArray("unrotated_layers")::add);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
