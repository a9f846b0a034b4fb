package dev.saiki.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The queue of sequences waiting for admission, in order of arrival.
///
/// A sequence occupies a place from its submission to its admission, so each waiting sequence is counted exactly
/// once, even while it is being passed to the scheduler. The methods for places are thread-safe; the sequences
/// belong to the scheduler.
final class WaitingSequences {

    private final Deque<Sequence> sequences = new ArrayDeque<>();
    private final AtomicInteger places = new AtomicInteger();

    /// Reserves a place for a sequence that will be added later.
    ///
    /// @param most maximum number of places
    /// @return whether a place was free
    boolean takePlace(int most) {
        return places.getAndUpdate(taken -> Math.min(taken + 1, Math.max(taken, most))) < most;
    }

    /// Frees the place of a sequence that will not be added.
    void givePlaceBack() {
        places.decrementAndGet();
    }

    /// Counts the occupied places.
    int placesTaken() {
        return places.get();
    }

    /// Adds a sequence that already has a place.
    void add(Sequence sequence) {
        sequences.addLast(sequence);
    }

    /// Puts a preempted sequence back at the head of the queue.
    void requeue(Sequence sequence) {
        places.incrementAndGet();
        sequences.addFirst(sequence);
    }

    /// Counts the sequences in the queue, without places reserved for later ones.
    int size() {
        return sequences.size();
    }

    boolean isEmpty() {
        return sequences.isEmpty();
    }

    Sequence first() {
        return sequences.getFirst();
    }

    void removeFirst() {
        sequences.removeFirst();
        places.decrementAndGet();
    }

    /// Removes and returns the sequences that match a condition.
    List<Sequence> removeIf(Predicate<Sequence> condition) {
        List<Sequence> removed = new ArrayList<>();
        sequences.removeIf(sequence -> condition.test(sequence) && removed.add(sequence));
        places.addAndGet(-removed.size());
        return removed;
    }

    Stream<Sequence> stream() {
        return sequences.stream();
    }
}
