package dev.saiki.report.roi;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of what a plan costs and saves; what does not happen is null.
public final class RoiJson {

    private RoiJson() {}

    /// Writes an analysis.
    ///
    /// @param analysis what was reckoned
    /// @return its JSON
    public static ObjectNode of(RoiAnalysis analysis) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        RoiAnalysis.Costs likely = analysis.likely();
        json.put("plan", analysis.plan().name());
        json.put("currency", analysis.plan().currency());
        json.put("months", analysis.plan().months());
        json.put("staying", likely.totalStaying());
        json.put("changing", likely.totalChanging());
        likely.breakEven()
                .ifPresentOrElse(month -> json.put("break_even_month", month), () -> json.putNull("break_even_month"));
        json.put("seed", analysis.seed());
        json.put("draws", RoiAnalysis.DRAWS);
        json.put("paying", analysis.paying());
        range(json.putObject("saving_range"), analysis.saving());
        range(json.putObject("break_even_range"), analysis.breakEven());
        analysis.costRatio().ifPresent(ratio -> range(json.putObject("cost_ratio"), ratio));
        ArrayNode steps = json.putArray("steps");
        for (RoiAnalysis.StepCosts step : likely.steps()) {
            steps.addObject()
                    .put("name", step.name())
                    .put("months", step.months())
                    .put("once", step.once())
                    .put("running", step.running())
                    .put("staying", step.staying());
        }
        ArrayNode conditions = json.putArray("conditions");
        for (RoiAnalysis.Condition condition : analysis.decisive()) {
            conditions
                    .addObject()
                    .put("quantity", condition.quantity().key())
                    .put("likely", condition.likely())
                    .put(
                            condition.isAtLeast() ? "at_least" : "at_most",
                            condition.bound().getAsDouble())
                    .put("holds", condition.holds());
        }
        ArrayNode measured = json.putArray("measured");
        analysis.plan().measured().forEach(quantity -> measured.add(quantity.key()));
        likely.staying().forEach(json.putArray("staying_by_month")::add);
        likely.changing().forEach(json.putArray("changing_by_month")::add);
        return json;
    }

    private static void range(ObjectNode json, RoiAnalysis.Range range) {
        number(json, "low", range.low());
        number(json, "median", range.median());
        number(json, "high", range.high());
    }

    private static void number(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }
}
