package dev.saiki.study.plan;

import java.util.List;
import java.util.stream.IntStream;

/// The lengths of a study's trainings.
///
/// @param unit unit of the numbers
/// @param values rising numbers, at least one, all above 0; a plan rejects anything else
public record Budgets(BudgetUnit unit, List<Double> values) {

    /// Copies the list.
    public Budgets {
        values = List.copyOf(values);
    }

    /// The length of the shortest training.
    ///
    /// @return the length in the unit
    public double smallest() {
        return values.getFirst();
    }

    /// The length of the longest training.
    ///
    /// @return the length in the unit
    public double largest() {
        return values.getLast();
    }

    boolean areRising() {
        return !values.isEmpty()
                && values.getFirst() > 0
                && IntStream.range(1, values.size()).allMatch(i -> values.get(i) > values.get(i - 1));
    }
}
