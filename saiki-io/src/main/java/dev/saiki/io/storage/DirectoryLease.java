package dev.saiki.io.storage;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A lease on a published folder, which the writing process renews while it runs.
///
/// The lease is a stored object, created only if none exists. A killed process leaves its lease behind.
/// Another process takes over a lease that has expired by the storage's clock, or at once if the owner
/// demonstrably no longer runs. A writer that lost its lease, for example while it was suspended, detects the loss
/// at the next renewal. The writer cannot publish after the new owner has done so, since the list of files has
/// then changed.
final class DirectoryLease implements AutoCloseable {

    /// The last part of the object's key.
    static final String NAME = "saiki-folder.lock";

    private final ObjectStore store;
    private final StorageLocation folder;
    private final LeaseOwner owner;
    private final Duration length;
    private final ScheduledExecutorService renewer;
    private String version;
    private long renewals;
    private long lastRenewed = System.nanoTime();
    private @Nullable String loss;
    private @Nullable Runnable onLoss;

    private DirectoryLease(
            ObjectStore store, StorageLocation folder, LeaseOwner owner, Duration length, String version) {
        this.store = store;
        this.folder = folder;
        this.owner = owner;
        this.length = length;
        this.version = version;
        this.renewer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("saiki-storage-lease").factory());
        long pause = length.toMillis() / 4;
        ScheduledFuture<?> _ = renewer.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.MILLISECONDS);
    }

    /// Acquires the lease of a folder.
    ///
    /// @param length the time for which other processes wait if this process is killed
    /// @throws InputException if another process holds the lease
    static DirectoryLease acquire(ObjectStore store, StorageLocation folder, LeaseOwner owner, Duration length)
            throws IOException {
        String key = folder.child(NAME).key();
        String text = owner.text(0, length.toSeconds());
        Optional<String> version = store.create(key, text);
        if (version.isEmpty()) {
            Optional<ObjectContent> there = store.read(key);
            version = there.isEmpty()
                    ? store.create(key, text)
                    : store.replace(key, text, requireFree(folder, there.get(), owner));
        }
        return new DirectoryLease(
                store,
                folder,
                owner,
                length,
                version.orElseThrow(() -> new InputException(folder
                        + ": another run has just started to write here; wait until it ends, or use another folder")));
    }

    /// Throws an exception if a lease is still valid, and so must not be taken over.
    ///
    /// @return the version of the lease, which may be taken over
    private static String requireFree(StorageLocation folder, ObjectContent there, LeaseOwner owner) {
        Optional<LeaseOwner.Claim> claim = LeaseOwner.Claim.parse(there.text());
        if (claim.isPresent() && !claim.get().owner().hasEnded(owner)) {
            long left = claim.get().seconds() - there.age().toSeconds();
            if (left >= 0) {
                throw new InputException(folder + ": another run is writing here, "
                        + claim.get().owner().name() + "; wait until it ends, or use another folder (if it was"
                        + " killed, its lease expires in " + (left + 1) + " s)");
            }
        }
        return there.version();
    }

    private synchronized void renew() {
        if (loss != null) {
            return;
        }
        try {
            Optional<String> next =
                    store.replace(folder.child(NAME).key(), owner.text(renewals + 1, length.toSeconds()), version);
            if (next.isPresent()) {
                version = next.get();
                renewals++;
                lastRenewed = System.nanoTime();
            } else {
                lose(folder + ": another run has taken over this lease");
            }
        } catch (IOException | RuntimeException unreachable) {
            if (System.nanoTime() - lastRenewed > length.toNanos()) {
                lose(folder + ": the storage was unreachable for " + length.toSeconds()
                        + " s, and another run may have taken over this lease (" + unreachable.getMessage() + ")");
            }
        }
    }

    private void lose(String reason) {
        loss = reason;
        if (onLoss != null) {
            onLoss.run();
        }
    }

    /// Registers a callback for the loss of the lease. If the lease is already lost, the callback runs at once.
    ///
    /// @param listener called on the lease's own thread or on the calling thread
    synchronized void onLoss(Runnable listener) {
        onLoss = listener;
        if (loss != null) {
            listener.run();
        }
    }

    /// Fails if the lease is lost.
    ///
    /// @throws InputException with the reason, if the lease is lost
    synchronized void require() {
        if (loss != null) {
            throw new InputException(loss + "; nothing more is published");
        }
    }

    /// Releases the lease.
    @Override
    public void close() throws IOException {
        renewer.shutdownNow();
        synchronized (this) {
            if (loss == null) {
                loss = folder + ": this run has ended";
                store.delete(folder.child(NAME).key());
            }
        }
    }
}
