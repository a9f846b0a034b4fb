package dev.saiki.tensor;

import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;

/// The points that the first process has reached, announced in the store.
///
/// Gloo's operations fail after a time limit. A process that waits for a milestone waits for as long as the first
/// process lives: as long as its heartbeat in the store advances, and no process has raised the alarm.
final class Milestones implements AutoCloseable {

    private static final long PAUSE_MILLIS = 50;

    private final Rendezvous place;
    private final TCPStore store;
    private final PeerWatch watch;
    private long reached;

    /// @param store a client of the store that nothing else uses, since a waiting client answers nothing else
    Milestones(Rendezvous place, TCPStore store, PeerWatch watch) {
        this.place = place;
        this.store = store;
        this.watch = watch;
    }

    /// The key of the counter that the first process increments as long as it lives.
    static String heartbeat(Rendezvous place) {
        return place.generation() + "/heartbeat";
    }

    /// In the first process, announces the next milestone; in any other, waits for it.
    ///
    /// @throws IllegalStateException if the first process no longer answers, or any process has failed
    void await() {
        reached++;
        String key = place.generation() + "/milestone/" + reached;
        if (place.rank() == 0) {
            store.set(key, "");
            return;
        }
        long beat = -1;
        long beatTime = System.nanoTime();
        while (!isThere(key)) {
            long now = store.add(heartbeat(place), 0);
            if (now != beat) {
                beat = now;
                beatTime = System.nanoTime();
            }
            if (watch.alarm().isPresent()
                    || System.nanoTime() - beatTime > place.timeout().toNanos()) {
                throw new IllegalStateException("while it waited for rank 0");
            }
            pause();
        }
    }

    private boolean isThere(String key) {
        try (StringVector keys = new StringVector(key)) {
            return store.check(keys);
        }
    }

    /// The store can wait too, but then c10d logs each time that the milestone is not there yet.
    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        store.deallocate();
    }
}
