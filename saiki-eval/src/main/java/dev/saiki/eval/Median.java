package dev.saiki.eval;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/// The median of a measurement over several rounds, which a single disturbed round hardly affects.
public final class Median {

    private Median() {}

    /// Computes the median of a measurement.
    ///
    /// @param <T> the type of a measured round
    /// @param rounds the rounds, at least one
    /// @param figure the measurement of a round
    /// @return the middle value, or the mean of the two middle values
    public static <T> double of(Collection<T> rounds, ToDoubleFunction<T> figure) {
        if (rounds.isEmpty()) {
            throw new IllegalArgumentException("a median needs at least one round");
        }
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
