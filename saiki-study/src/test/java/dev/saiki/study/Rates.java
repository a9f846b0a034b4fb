package dev.saiki.study;

import dev.saiki.study.plan.StudyPlan;
import java.util.Map;
import java.util.stream.Collectors;

/// Learning rates for a plan's families.
final class Rates {

    private Rates() {}

    /// The first rate of each family.
    static Map<String, Double> first(StudyPlan plan) {
        return plan.families().stream()
                .collect(Collectors.toMap(
                        StudyPlan.Family::name, family -> family.learningRates().getFirst()));
    }
}
