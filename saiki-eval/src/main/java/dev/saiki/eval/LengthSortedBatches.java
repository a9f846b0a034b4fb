package dev.saiki.eval;

import dev.saiki.model.Continuation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;

/// Continuations sorted by length, longest first, so that the continuations in a batch have similar lengths, and
/// insufficient memory already shows in the first batch.
public final class LengthSortedBatches {

    private final List<Continuation> continuations;
    private final int[] order;

    /// Orders continuations.
    ///
    /// @param continuations the continuations, in any order
    public LengthSortedBatches(List<Continuation> continuations) {
        this.continuations = continuations;
        this.order = IntStream.range(0, continuations.size())
                .boxed()
                .sorted(Comparator.comparingInt(
                                (Integer i) -> continuations.get(i).numRead())
                        .reversed())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// Returns the sorted continuations in batches.
    ///
    /// @param size maximum number of continuations in a batch
    /// @return the batches
    public List<List<Continuation>> batches(int size) {
        return Arrays.stream(order)
                .mapToObj(continuations::get)
                .gather(Gatherers.windowFixed(size))
                .toList();
    }

    /// Returns the results in the original order of the continuations.
    ///
    /// @param inOrder one result per continuation, in the order of the batches
    /// @param <R> a result
    /// @return the same results
    public <R> List<R> restored(List<R> inOrder) {
        List<R> restored = new ArrayList<>(Collections.nCopies(order.length, inOrder.getFirst()));
        for (int i = 0; i < order.length; i++) {
            restored.set(order[i], inOrder.get(i));
        }
        return restored;
    }
}
