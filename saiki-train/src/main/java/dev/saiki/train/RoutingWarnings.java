package dev.saiki.train;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.ModelWeights;
import dev.saiki.tensor.Tensor;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLog;
import dev.saiki.train.recipe.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Warnings about routing after a validation, each with a suggested fix.
///
/// A router has collapsed if it treats nearly all tokens alike although its target requires distinguishing them.
/// If training has closed a gate, its recursion step has almost no effect, whatever the router decides.
final class RoutingWarnings {

    /// A router has collapsed if, at any recursion step, its share of continuing tokens or its share of stopping
    /// tokens is below this fraction of that share's target.
    private static final double MIN_PART = 0.1;

    /// The absolute value at or below which a gate counts as closed.
    private static final double CLOSED_GATE = 0.05;

    private RoutingWarnings() {}

    /// Checks a validation.
    ///
    /// @param weights the validated weights
    /// @param report the validation's report
    /// @param recipe the recipe; gates are checked only if its initial gates are open
    /// @param depth the number of recursions enabled so far; there are no warnings until all are enabled
    /// @return sentences for the user: at most one about the router and one per gate
    static List<String> of(ModelWeights weights, ValidationReport report, Recipe recipe, int depth) {
        List<String> warnings = new ArrayList<>();
        if (depth < weights.config().numRecursions()) {
            return warnings;
        }
        collapse(weights.config(), report, warnings);
        Tensor gates = weights.parameters().get(ParameterNames.STEP_GATES);
        if (gates != null && recipe.initialisation().stepGate() > CLOSED_GATE) {
            closedGates(gates.toFloats(), report.step(), warnings);
        }
        return warnings;
    }

    private static void collapse(ModelConfig config, ValidationReport report, List<String> warnings) {
        List<Double> asked = config.capacities();
        double before = 1;
        for (int step = 1; step < asked.size(); step++) {
            double reached = report.depthShares().subList(step, asked.size()).stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            double went = reached / before;
            double wanted = asked.get(step) / asked.get(step - 1);
            if (wanted < 1 && (went < MIN_PART * wanted || 1 - went < MIN_PART * (1 - wanted))) {
                warnings.add(String.format(
                        Locale.ROOT,
                        "step %d: the router sends %.1f %% of the held-out tokens in recursion step %d to the"
                                + " next; the target is %.0f %%. The router does not distinguish tokens (see %s%d and"
                                + " following in %s). Try %s",
                        report.step(),
                        100 * went,
                        step - 1,
                        100 * wanted,
                        MetricNames.VALIDATION_DEPTH_SHARE,
                        1,
                        MetricsLog.FILE_NAME,
                        remedy(config.routing())));
                return;
            }
            before = reached;
        }
    }

    private static String remedy(Routing routing) {
        return switch (routing) {
            case Routing.ExpertChoice _ ->
                "a larger objective.auxiliary_loss_coefficient, or model.routing.type expert_threshold, whose thresholds"
                        + " follow the scores";
            case Routing.ExpertThreshold _ ->
                "schedule.calibrate_tokens, which fits the thresholds to the last weights, a lower"
                        + " optimizer.learning_rate, or saiki calibrate on the checkpoint";
            case Routing.TokenChoice _ ->
                "objective.balancing loss_free, or a larger objective.balancing_loss_coefficient";
            case Routing.Random _, Routing.None _ -> "another routing; this one does not learn";
        };
    }

    private static void closedGates(float[] gates, long step, List<String> warnings) {
        for (int recursion = 1; recursion < gates.length; recursion++) {
            if (Math.abs(gates[recursion]) <= CLOSED_GATE) {
                warnings.add(String.format(
                        Locale.ROOT,
                        "step %d: the gate of recursion step %d is %.3f, and this recursion changes almost nothing. Try"
                                + " fewer recursions, more training tokens, or optimizer.frozen: [%s], which keeps the"
                                + " gates at their initial values",
                        step,
                        recursion,
                        gates[recursion],
                        ParameterNames.STEP_GATES));
            }
        }
    }
}
