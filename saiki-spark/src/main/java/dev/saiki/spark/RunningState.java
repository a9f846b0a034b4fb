package dev.saiki.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.api.java.JavaRDD;

/// A computation that visits the partitions of a dataset one after another, carrying a state of fixed size.
///
/// @param <S> the state
/// @param starts the state before each visited partition
/// @param end the state after the last visited partition
record RunningState<S>(List<S> starts, S end) {

    /// A step of the computation.
    ///
    /// @param <S> the state
    /// @param <T> an element of the dataset
    @FunctionalInterface
    interface Visit<S, T> extends Serializable {
        /// Visits the elements of a partition, which changes the state.
        void accept(S state, Iterator<T> elements);
    }

    /// Visits partitions in order.
    ///
    /// @param start the state before the first partition
    /// @param isComplete whether the remaining partitions need not be visited
    static <S extends Serializable, T> RunningState<S> over(
            JavaRDD<T> dataset, S start, Predicate<S> isComplete, Visit<S, T> visit) {
        List<S> starts = new ArrayList<>();
        S state = start;
        for (int partition = 0; partition < dataset.getNumPartitions() && !isComplete.test(state); partition++) {
            starts.add(state);
            S before = state;
            state = dataset.mapPartitions(elements -> {
                        visit.accept(before, elements);
                        return List.of(before).iterator();
                    })
                    .collectPartitions(new int[] {partition})[0]
                    .getFirst();
        }
        return new RunningState<>(starts, state);
    }
}
