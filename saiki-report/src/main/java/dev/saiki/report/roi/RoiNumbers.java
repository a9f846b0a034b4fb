package dev.saiki.report.roi;

import dev.saiki.eval.RecordJson;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The unrounded numbers of a cost analysis: as JSON all numbers, or as CSV the monthly numbers.
public final class RoiNumbers {

    private RoiNumbers() {}

    /// Returns an analysis as JSON; null stands for a missing break-even.
    ///
    /// @param analysis the analysis
    /// @return the analysis as JSON
    public static ObjectNode json(RoiAnalysis analysis) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        RoiCosts likely = analysis.likely();
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
        json.set("steps", RecordJson.MAPPER.valueToTree(likely.steps()));
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

    /// Returns the costs month by month.
    ///
    /// @param analysis the analysis
    /// @return CSV with a header, at the likely values
    public static String csv(RoiAnalysis analysis) {
        StringBuilder csv = new StringBuilder("month,staying,changing,saved_so_far\n");
        List<Double> ahead = analysis.likely().ahead();
        for (int i = 0; i < ahead.size(); i++) {
            csv.append(i + 1).append(',').append(analysis.likely().staying().get(i));
            csv.append(',').append(analysis.likely().changing().get(i));
            csv.append(',').append(ahead.get(i)).append('\n');
        }
        return csv.toString();
    }

    private static void range(ObjectNode json, RoiAnalysis.Range range) {
        RecordJson.put(json, "low", range.low());
        RecordJson.put(json, "median", range.median());
        RecordJson.put(json, "high", range.high());
    }
}
