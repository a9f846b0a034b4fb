package dev.saiki.tensor;

/// The points that the first process has reached, announced in the store.
///
/// Gloo's operations fail after a time limit. A process that waits for a milestone waits for as long as the first
/// process lives: as long as its heartbeat in the store advances, and no process has raised the alarm.
final class Milestones implements AutoCloseable {

    /// The key of the counter that the first process increments as long as it lives.
    static final String HEARTBEAT = "heartbeat";

    private static final long PAUSE_MILLIS = 50;

    private final Rendezvous place;
    private final StoreClient store;
    private final PeerWatch watch;
    private long reached;

    /// @param store a client of the store that nothing else uses, since a waiting client answers nothing else
    Milestones(Rendezvous place, StoreClient store, PeerWatch watch) {
        this.place = place;
        this.store = store;
        this.watch = watch;
    }

    /// In the first process, announces the next milestone; in any other, counts it.
    ///
    /// @param waits whether another process waits until the milestone has been announced
    /// @throws IllegalStateException if the first process no longer answers, or any process has failed
    void reach(boolean waits) {
        reached++;
        String key = "milestone/" + reached;
        if (place.rank() == 0) {
            store.set(key, "");
            return;
        }
        if (waits) {
            await(key);
        }
    }

    private void await(String key) {
        long beat = -1;
        long beatTime = System.nanoTime();
        while (!store.has(key)) {
            long now = store.add(HEARTBEAT, 0);
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

    /// Pauses for longer in a large group, so that the store answers about 2,000 calls in a second. The store can wait
    /// too, but then c10d logs each time that the milestone is not there yet.
    private void pause() {
        try {
            Thread.sleep(Math.max(PAUSE_MILLIS, place.size()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
