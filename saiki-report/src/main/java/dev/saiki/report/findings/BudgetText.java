package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.results.StudyResults;

/// The texts that state the lengths of trainings, in the unit of the plan.
///
/// @param unit unit of budgets
/// @param messages the language
record BudgetText(BudgetUnit unit, Messages messages) {

    /// Describes the trainings behind findings; without a study, their budgets are in forward FLOPs.
    static BudgetText of(Findings findings, Messages messages) {
        return new BudgetText(findings.study().map(StudyResults::unit).orElse(BudgetUnit.FORWARD_FLOPS), messages);
    }

    /// A number with its unit.
    ///
    /// @param budget a budget in that unit
    String amount(double budget) {
        return switch (unit) {
            case FORWARD_FLOPS -> Numbers.metric(budget) + "FLOP";
            case TOKENS -> messages.format("budget.tokens", with("number", Numbers.metric(budget)));
        };
    }

    /// The key of the unit's name, for a column header.
    String unitKey() {
        return key("study.budgetUnit");
    }

    /// The name of the quantity that all trainings have in common: compute or text.
    String alike() {
        return messages.format(unit == BudgetUnit.TOKENS ? "alike.text" : "alike.compute");
    }

    /// The key of a sentence about the quantity that all trainings have in common.
    ///
    /// @param flops the key of the sentence for equal FLOPs; the key of the sentence for equal tokens has the
    ///     suffix `Tokens`
    String key(String flops) {
        return unit == BudgetUnit.TOKENS ? flops + "Tokens" : flops;
    }
}
