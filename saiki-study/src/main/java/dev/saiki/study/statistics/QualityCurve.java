package dev.saiki.study.statistics;

import dev.saiki.model.EarlyExit.Confidence;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.FamilySummary;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// The losses of one model of a study at its compute settings, averaged over seeds, as a curve of loss
/// against FLOPs per token.
///
/// @param family name of the family
/// @param size name of the size
/// @param budget the length of the model's training, in the unit of the study
/// @param points the model's evaluations, in rising order of FLOPs
public record QualityCurve(String family, String size, double budget, List<DepthSetting> points) {

    /// Copies the list.
    public QualityCurve {
        points = List.copyOf(points);
    }

    /// The mechanism that determines the number of layers that tokens take.
    public enum DepthControl {
        /// As the model was trained: full depth, or its own routing.
        OWN,
        /// A bound on the depth.
        DEPTH_BOUND,
        /// An effort other than the default.
        EFFORT,
        /// Early exits by the head's confidence in the top prediction.
        SOFTMAX_EXIT,
        /// Early exits once a token's state hardly changes from layer to layer.
        SATURATION_EXIT,
        /// Routing that depends on later tokens, which are unknown during generation.
        LOOKS_AHEAD;

        private static DepthControl of(Measurement measured) {
            if (measured.exits().isPresent()) {
                String confidence = measured.exits().get().confidence();
                return switch (Confidence.valueOf(confidence.toUpperCase(Locale.ROOT))) {
                    case SOFTMAX -> SOFTMAX_EXIT;
                    case SATURATION -> SATURATION_EXIT;
                };
            }
            String kind = measured.kind();
            if (kind.contains(" routing=")) {
                return LOOKS_AHEAD;
            }
            if (kind.contains(" effort=")) {
                return EFFORT;
            }
            return kind.contains(" max_depth=") ? DEPTH_BOUND : OWN;
        }
    }

    /// One compute setting of the model, with its cost and its loss.
    ///
    /// @param way the mechanism that determines the number of layers that tokens take
    /// @param flops FLOPs per held-out token
    /// @param nll held-out loss, nats per token
    public record DepthSetting(DepthControl way, double flops, double nll) {}

    /// The curves of all families in the comparisons with early exits.
    ///
    /// @param results the study
    /// @return the curves, ordered by budget, then by size, then as the plan orders the families
    public static List<QualityCurve> all(StudyResults results) {
        Set<String> compared = new LinkedHashSet<>();
        for (EqualCostComparison line : results.equalCosts()) {
            compared.add(line.family());
            compared.add(line.other());
        }
        List<QualityCurve> curves = new ArrayList<>();
        for (double budget : results.budgets()) {
            for (String size : results.sizes()) {
                for (FamilySummary family : results.families()) {
                    List<RunResult> seeds = results.runs().stream()
                            .filter(run -> run.purpose() == RunPurpose.GRID && run.budget() == budget)
                            .filter(run ->
                                    run.size().equals(size) && run.family().equals(family.name()))
                            .toList();
                    if (compared.contains(family.name()) && !seeds.isEmpty()) {
                        curves.add(new QualityCurve(family.name(), size, budget, points(seeds)));
                    }
                }
            }
        }
        return curves;
    }

    private static List<DepthSetting> points(List<RunResult> seeds) {
        return seeds.getFirst().measurements().stream()
                .map(measured -> new DepthSetting(
                        DepthControl.of(measured),
                        mean(seeds, measured.name(), Measurement::flopsPerToken),
                        mean(seeds, measured.name(), Measurement::nll)))
                .sorted(Comparator.comparingDouble(DepthSetting::flops))
                .toList();
    }

    private static double mean(List<RunResult> seeds, String evaluation, ToDoubleFunction<Measurement> quantity) {
        return seeds.stream()
                .flatMap(run -> run.measurement(evaluation).stream())
                .mapToDouble(quantity)
                .average()
                .orElseThrow();
    }
}
