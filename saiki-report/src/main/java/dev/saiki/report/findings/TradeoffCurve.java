package dev.saiki.report.findings;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The losses of one model at several compute settings, as measured by `saiki eval tradeoff`: early exits,
/// depth bounds, or efforts.
///
/// FLOPs are counted by operation, including checks of early exits; other figures of a report use the paper's
/// count.
///
/// @param model name of the checkpoint at the time of the measurement
/// @param clusters number of independent pieces of text
/// @param points the settings, full depth first
record TradeoffCurve(String model, int clusters, List<TradeoffPoint> points) {

    private static final int MAX_POINTS = 1000;

    /// A point of the curve: one setting.
    ///
    /// @param kind kind of setting, such as `early_exit`
    /// @param nll nats per token
    /// @param standardError standard error of the loss
    /// @param flopsPerToken FLOPs per token
    record TradeoffPoint(String kind, double nll, double standardError, double flopsPerToken) {}

    /// Tells whether a document is a curve of this kind.
    static boolean isOne(JsonNode root) {
        return root.path("points").isArray() && root.has("calibration") && root.has("test") && root.has("model");
    }

    /// Reads a curve.
    ///
    /// @param root the JSON document
    /// @param where location, for messages
    /// @throws InputException if the curve has no points or too many, or a point lacks a number
    static TradeoffCurve of(JsonNode root, String where) {
        JsonNode list = root.path("points");
        if (list.isEmpty() || list.size() > MAX_POINTS) {
            throw InputException.of(where, "points", "a list of 1 to " + MAX_POINTS, list.size());
        }
        List<TradeoffPoint> points = new ArrayList<>();
        for (JsonNode point : list) {
            TradeoffPoint read = new TradeoffPoint(
                    point.path("kind").asString(""),
                    point.path("nll").asDouble(Double.NaN),
                    point.path("nll_stderr").asDouble(Double.NaN),
                    point.path("flops_per_token").asDouble(Double.NaN));
            if (!Double.isFinite(read.nll) || !(read.flopsPerToken > 0)) {
                throw InputException.of(where, "a point", "an object with nll and flops_per_token", point);
            }
            points.add(read);
        }
        return new TradeoffCurve(
                root.path("model").asString(""),
                root.path("test").path("clusters").asInt(0),
                points);
    }
}
