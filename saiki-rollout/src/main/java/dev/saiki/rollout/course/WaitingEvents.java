package dev.saiki.rollout.course;

import dev.saiki.rollout.journal.RolloutEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// A queue of events to be written. Any thread adds, one thread takes.
final class WaitingEvents {

    private static final int MOST = 100_000;

    private final Queue<RolloutEvent> offered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    /// Events that were taken and are not written down yet; of the one thread alone.
    private final List<RolloutEvent> taken = new ArrayList<>();

    /// Takes one in, unless too many wait.
    void offer(RolloutEvent event) {
        if (waiting.incrementAndGet() > MOST) {
            waiting.decrementAndGet();
            lost.incrementAndGet();
            return;
        }
        offered.add(event);
    }

    /// Takes a person's order in, from the one thread, however many wait.
    void order(RolloutEvent.Aborted order) {
        waiting.incrementAndGet();
        taken.add(order);
    }

    /// All that are not written down.
    List<RolloutEvent> take() {
        for (RolloutEvent event = offered.poll(); event != null; event = offered.poll()) {
            taken.add(event);
        }
        return taken;
    }

    /// Forgets what was taken, since it is written down.
    void areWritten() {
        waiting.addAndGet(-taken.size());
        taken.clear();
    }

    /// Forgets what was taken, since it can never be written down; orders stay.
    void areBroken() {
        List<RolloutEvent> orders =
                taken.stream().filter(RolloutEvent.Aborted.class::isInstance).toList();
        lost.addAndGet(taken.size() - orders.size());
        areWritten();
        taken.addAll(orders);
        waiting.addAndGet(orders.size());
    }

    /// How many were not heeded.
    int lost() {
        return lost.get();
    }
}
