package dev.saiki.report.findings;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.results.StudyResults;

/// The words for the lengths of trainings, in the unit that they were planned in.
///
/// @param unit what a budget counts
/// @param messages the language
record BudgetText(BudgetUnit unit, Messages messages) {

    /// Speaks of the trainings behind findings; those that are no study's have budgets of forward FLOPs.
    static BudgetText of(Findings findings, Messages messages) {
        return new BudgetText(findings.study().map(StudyResults::unit).orElse(BudgetUnit.FORWARD_FLOPS), messages);
    }

    /// A number with its unit.
    ///
    /// @param budget in the unit
    String amount(double budget) {
        return switch (unit) {
            case FORWARD_FLOPS -> Numbers.metric(budget) + "FLOP";
            case TOKENS -> messages.format("budget.tokens", "number", Numbers.metric(budget));
        };
    }

    /// The unit alone, for the head of a column.
    String unitName() {
        return messages.format(
                switch (unit) {
                    case FORWARD_FLOPS -> "study.budgetUnit";
                    case TOKENS -> "study.budgetUnitTokens";
                });
    }

    /// What all trainings were given alike.
    String alike() {
        return messages.format(
                switch (unit) {
                    case FORWARD_FLOPS -> "alike.compute";
                    case TOKENS -> "alike.text";
                });
    }

    /// The key of a sentence that says what all trainings were given alike.
    ///
    /// @param flops the sentence for equal FLOPs; the one for equal tokens has a name that ends in `Tokens`
    String key(String flops) {
        return unit == BudgetUnit.TOKENS ? flops + "Tokens" : flops;
    }
}
