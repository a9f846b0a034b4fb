package dev.saiki.eval;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/// The median of several measurements, which is robust to a disturbed round.
public final class Median {

    private Median() {}

    /// Computes the median of a measurement.
    ///
    /// @param <T> the type that has the measurement
    /// @param rounds at least one
    /// @param figure of each
    /// @return the middle one, or the mean of the two in the middle
    public static <T> double of(Collection<T> rounds, ToDoubleFunction<T> figure) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("no rounds have no median");
        }
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
