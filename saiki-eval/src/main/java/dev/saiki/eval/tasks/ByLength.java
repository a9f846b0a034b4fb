package dev.saiki.eval.tasks;

import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Continuations in an order that computes well: the longest first, so that neighbours are about equally long and too
/// little memory shows at once.
final class ByLength {

    private final List<Continuation> continuations;
    private final int[] order;

    ByLength(List<Continuation> continuations) {
        this.continuations = continuations;
        this.order = IntStream.range(0, continuations.size())
                .boxed()
                .sorted(Comparator.comparingInt(
                                (Integer i) -> continuations.get(i).numRead())
                        .reversed())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// The continuations in that order, in lists of a given size.
    List<List<Continuation>> batches(int size) {
        List<List<Continuation>> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += size) {
            List<Continuation> batch = new ArrayList<>();
            for (int i = from; i < Math.min(order.length, from + size); i++) {
                batch.add(continuations.get(order[i]));
            }
            batches.add(batch);
        }
        return batches;
    }

    /// Puts results back into the order in which the continuations came.
    List<ScoredContinuation> restored(List<ScoredContinuation> inOrder) {
        List<ScoredContinuation> restored = new ArrayList<>(Collections.nCopies(order.length, inOrder.getFirst()));
        for (int i = 0; i < order.length; i++) {
            restored.set(order[i], inOrder.get(i));
        }
        return restored;
    }
}
