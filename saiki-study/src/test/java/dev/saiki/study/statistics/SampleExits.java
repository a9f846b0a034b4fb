package dev.saiki.study.statistics;

import dev.saiki.study.results.EarlyExitSetting;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Invented further evaluations of runs whose losses follow a law.
final class SampleExits {

    private SampleExits() {}

    /// The effect of an evaluation on the loss of a run.
    interface Law {
        /// The nats that the evaluation adds to the loss of a document's tokens.
        double more(RunResult run, int document);
    }

    /// A further evaluation of a family.
    ///
    /// @param family the family whose checkpoints are evaluated
    /// @param name the name of the evaluation
    /// @param kind the kind of the evaluation
    /// @param flops the FLOPs per token
    /// @param exits the early exits, if the evaluation has any
    /// @param law the effect on the loss
    record Further(String family, String name, String kind, double flops, Optional<EarlyExitSetting> exits, Law law) {}

    /// Exits by softmax, and by how much each of their checks costs.
    static Further exit(String family, String name, double flops, double withoutChecks, Law law) {
        return exit(family, name, "softmax", flops, withoutChecks, law);
    }

    static Further exit(String family, String name, String confidence, double flops, double withoutChecks, Law law) {
        return new Further(
                family,
                name,
                "early_exit share=0.5 confidence=" + confidence,
                flops,
                Optional.of(new EarlyExitSetting(0.5, confidence, 0.9, withoutChecks)),
                law);
    }

    static Further routed(String family, String name, String kind, double flops, Law law) {
        return new Further(family, name, kind, flops, Optional.empty(), law);
    }

    /// Every run's own evaluation, at other FLOPs.
    static Further own(String family, double flops) {
        return new Further(family, "causal", "held_out", flops, Optional.empty(), (_, _) -> 0);
    }

    /// The results of a study with these evaluations instead of the study's own.
    static StudyResults with(StudyResults results, Further... evaluations) {
        List<RunResult> runs = results.runs().stream()
                .map(run -> run.measured(
                        run.tuningNll(),
                        List.of(evaluations).stream()
                                .filter(further -> further.family().equals(run.family()))
                                .map(further -> measured(run, further))
                                .toList(),
                        run.gains()))
                .toList();
        return new StudyResults(
                results.formatVersion(),
                results.name(),
                results.setting(),
                results.data(),
                results.families(),
                results.sizes(),
                results.budgetUnit(),
                results.budgets(),
                results.seeds(),
                results.progress(),
                runs,
                results.comparisons(),
                results.changes(),
                results.equalCosts(),
                results.curves(),
                results.recurrences(),
                results.floor(),
                results.written());
    }

    private static Measurement measured(RunResult run, Further further) {
        List<Double> before = run.heldOut().rowNlls();
        List<Double> after = new ArrayList<>();
        for (int row = 0; row < before.size(); row++) {
            after.add(before.get(row) + SampleStudy.ROW_TOKENS * further.law().more(run, row / 2));
        }
        double nll = IntStream.range(0, after.size())
                        .mapToDouble(after::get)
                        .average()
                        .orElseThrow()
                / SampleStudy.ROW_TOKENS;
        return new Measurement(
                further.name(),
                further.kind(),
                nll,
                0.01,
                1,
                run.model().numRecursions(),
                8,
                List.of(1.0),
                further.flops(),
                1,
                further.exits(),
                after);
    }
}
