package dev.saiki.rollout.course;

import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// A queue of events to be stored. Any thread adds events, one thread takes them.
final class WaitingEvents {

    private static final int CAPACITY = 100_000;

    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final Queue<RolloutEvent> offered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    /// Events that were taken and are not stored yet; used by the taking thread only.
    private final List<RolloutEvent> taken = new ArrayList<>();

    /// Creates an empty queue.
    ///
    /// @param maxBytes the largest size of the texts of all events
    WaitingEvents(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /// Adds an event, unless the queue is full.
    void offer(RolloutEvent event) {
        long size = event.size();
        boolean isFull = waiting.incrementAndGet() > CAPACITY;
        boolean isTooLarge = bytes.addAndGet(size) > maxBytes && size > 0;
        if (isFull || isTooLarge) {
            waiting.decrementAndGet();
            bytes.addAndGet(-size);
            lost.incrementAndGet();
            return;
        }
        offered.add(event);
    }

    /// Adds an operator's order, even if the queue is full. Only for the taking thread.
    void order(RolloutEvent.Aborted order) {
        waiting.incrementAndGet();
        taken.add(order);
    }

    /// Finds an answer whose delivery is not stored yet. Only for the taking thread.
    Optional<Journal.GivenAnswer> delivered(String id) {
        return Stream.concat(taken.stream(), offered.stream())
                .filter(RolloutEvent.Delivered.class::isInstance)
                .map(RolloutEvent.Delivered.class::cast)
                .filter(delivered -> delivered.id().equals(id))
                .map(found -> new Journal.GivenAnswer(found.conversation(), found.side(), found.at()))
                .findFirst();
    }

    /// Takes all events that are not stored yet.
    List<RolloutEvent> take() {
        for (RolloutEvent event = offered.poll(); event != null; event = offered.poll()) {
            taken.add(event);
        }
        return taken;
    }

    /// Removes the events that were taken, after they were stored.
    void markWritten() {
        waiting.addAndGet(-taken.size());
        bytes.addAndGet(-taken.stream().mapToLong(RolloutEvent::size).sum());
        taken.clear();
    }

    /// Discards the taken events because they can never be stored; operators' orders are kept.
    void discard() {
        List<RolloutEvent> orders =
                taken.stream().filter(RolloutEvent.Aborted.class::isInstance).toList();
        lost.addAndGet(taken.size() - orders.size());
        markWritten();
        taken.addAll(orders);
        waiting.addAndGet(orders.size());
    }

    /// The number of dropped events.
    int lost() {
        return lost.get();
    }
}
