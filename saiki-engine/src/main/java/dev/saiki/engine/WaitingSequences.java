package dev.saiki.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The queue of sequences that wait for admission, in the order of their requests.
///
/// Each has a place from its submission to its admission, so that their number is exact at every moment: neither a
/// sequence on its way here nor one that has just been admitted is counted twice. Places are safe for any number of
/// threads, the sequences are the scheduler's.
final class WaitingSequences {

    private final Deque<Sequence> sequences = new ArrayDeque<>();
    private final AtomicInteger places = new AtomicInteger();

    /// Takes a place for a sequence that will be added.
    ///
    /// @param most places that may be taken
    /// @return whether one was free
    boolean takePlace(int most) {
        return places.getAndUpdate(taken -> Math.min(taken + 1, Math.max(taken, most))) < most;
    }

    /// Gives the place of a sequence back that will not be added.
    void givePlaceBack() {
        places.decrementAndGet();
    }

    /// Counts the places that are taken.
    int placesTaken() {
        return places.get();
    }

    /// Adds a sequence that has a place.
    void add(Sequence sequence) {
        sequences.addLast(sequence);
    }

    /// Adds a sequence that had been admitted, before all others.
    void putBack(Sequence sequence) {
        places.incrementAndGet();
        sequences.addFirst(sequence);
    }

    /// Counts the sequences that were added.
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

    /// Removes the sequences that fulfil a condition, and returns them.
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
