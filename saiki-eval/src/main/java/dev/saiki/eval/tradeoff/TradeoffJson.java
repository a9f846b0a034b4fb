package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.ScoringWindow;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Points of quality against compute as JSON, the same layout for every kind of model.
public final class TradeoffJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private TradeoffJson() {}

    /// Writes a measurement as one object.
    ///
    /// @param model path of the model
    /// @param config the model
    /// @param heldOut the text of the measurement
    /// @param options the settings to measure
    /// @param points the results, full depth first
    /// @return the object
    public static ObjectNode of(
            String model,
            ModelConfig config,
            HeldOutSplit heldOut,
            TradeoffOptions options,
            List<QualityPoint> points) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("model", model);
        root.put("routing", config.routing().key());
        root.put("num_recursions", config.numRecursions());
        root.put("num_layers", config.numHiddenLayers());
        root.set("calibration", text(heldOut.calibration()));
        ObjectNode test = text(heldOut.test());
        test.put("clusters", points.getFirst().nll().clusters());
        test.put("cluster", points.getFirst().difference().unit().plural());
        root.set("test", test);
        if (!config.isRouted()) {
            ExitPoints exits = ExitPoints.of(config, options.every(), options.skipLastLayer());
            ObjectNode node = root.putObject("early_exit");
            node.put("confidence", options.confidence().name().toLowerCase(Locale.ROOT));
            ArrayNode places = node.putArray("after_layers");
            exits.afterLayers().forEach(places::add);
            node.put("through_last_layer", exits.throughLastLayer());
        }
        ArrayNode list = root.putArray("points");
        points.forEach(point -> list.add(of(point)));
        return root;
    }

    private static ObjectNode text(List<ScoringWindow> windows) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("windows", windows.size());
        node.put("tokens", windows.stream().mapToLong(ScoringWindow::scored).sum());
        return node;
    }

    private static ObjectNode of(QualityPoint point) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("kind", point.kind().key());
        node.put("setting", point.setting());
        RecordJson.put(node, "threshold", point.threshold());
        RecordJson.put(node, "nll", point.nll().mean());
        RecordJson.put(node, "nll_stderr", point.nll().standardError());
        RecordJson.put(node, "bits_per_byte", point.bitsPerByte());
        RecordJson.put(node, "difference", point.difference().mean());
        RecordJson.put(node, "difference_stderr", point.difference().standardError());
        RecordJson.put(node, "difference_low", point.difference().low());
        RecordJson.put(node, "difference_high", point.difference().high());
        RecordJson.put(node, "mean_depth", point.meanDepth());
        RecordJson.put(node, "mean_layers", point.meanLayers());
        RecordJson.put(node, "flops_per_token", point.flopsPerToken());
        RecordJson.put(node, "flops_per_token_without_checks", point.flopsPerTokenWithoutChecks());
        return node;
    }
}
