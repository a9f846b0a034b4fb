package dev.saiki.io.storage;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A lease on a published folder, which the writing process renews while it runs.
///
/// The lease is a stored object, created only if none exists. A killed process leaves its lease behind. Another
/// process takes it over once it has expired by the storage's clock, or at once if the owner demonstrably no longer
/// runs. The waiting process gives up as soon as the owner renews the lease. A writer that lost its lease,
/// for example while it was suspended, detects the loss at the next renewal. The writer cannot publish after the
/// new owner has done so, since the list of files has then changed.
final class DirectoryLease implements AutoCloseable {

    /// The last part of the object's key.
    static final String NAME = "saiki-folder.lock";

    /// The number of renewals in the time for which a lease is valid.
    private static final int RENEWALS = 4;

    private static final String PROBE = "may not be written\n";
    private static final String NO_VERSION = "\"00000000000000000000000000000000\"";

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
        long pause = length.toMillis() / RENEWALS;
        ScheduledFuture<?> _ = renewer.scheduleWithFixedDelay(this::renew, pause, pause, TimeUnit.MILLISECONDS);
    }

    /// Acquires the lease of a folder, and waits for it if its owner may have been killed.
    ///
    /// @param length the time for which other processes wait if this process is killed
    /// @param messages receives a message if this call waits
    /// @throws InputException if another process holds the lease, or the storage has no conditional writes
    static DirectoryLease acquire(
            ObjectStore store, StorageLocation folder, LeaseOwner owner, Duration length, Consumer<String> messages)
            throws IOException {
        String key = folder.child(NAME).key();
        String text = owner.text(0, length.toSeconds());
        Optional<String> version = store.create(key, text);
        if (version.isEmpty()) {
            version = takeOver(store, folder, owner, text, messages);
        }
        String own = version.orElseThrow(() -> new InputException(
                folder + ": another run has just started to write here; wait until it ends, or use another folder"));
        requireConditionalWrites(store, folder, key);
        return new DirectoryLease(store, folder, owner, length, own);
    }

    /// Replaces the lease of another process as soon as it has expired.
    ///
    /// @return the version of the own lease; empty if a third process was faster
    private static Optional<String> takeOver(
            ObjectStore store, StorageLocation folder, LeaseOwner owner, String text, Consumer<String> messages)
            throws IOException {
        String key = folder.child(NAME).key();
        Optional<ObjectContent> there = store.read(key);
        String first = there.map(ObjectContent::version).orElse("");
        for (boolean waits = false; there.isPresent(); waits = true) {
            Optional<LeaseOwner.Claim> claim =
                    LeaseOwner.Claim.parse(there.get().text());
            long left = claim.map(LeaseOwner.Claim::seconds).orElse(0L)
                    - there.get().age().toSeconds();
            if (claim.isEmpty() || left < 0 || claim.get().owner().hasEnded(owner)) {
                return store.replace(key, text, there.get().version());
            }
            String name = claim.get().owner().name();
            if (!there.get().version().equals(first)) {
                throw new InputException(folder + ": another run is writing here, " + name
                        + "; wait until it ends, or use another folder");
            }
            if (!waits) {
                messages.accept(
                        folder + ": waiting until the lease of " + name + " expires, at most " + (left + 1) + " s");
            }
            sleep(claim.get().seconds());
            there = store.read(key);
        }
        return store.create(key, text);
    }

    /// Sleeps for a quarter of the time in which an owner renews its lease.
    private static void sleep(long leaseSeconds) throws InterruptedIOException {
        try {
            Thread.sleep(Math.max(leaseSeconds * 1000 / RENEWALS / 4, 100));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it waited for a lease");
        }
    }

    /// Fails if the storage ignores the conditions of writes, so that two runs could overwrite each other's files.
    private static void requireConditionalWrites(ObjectStore store, StorageLocation folder, String key)
            throws IOException {
        if (store.create(key, PROBE).isPresent()
                || store.replace(key, PROBE, NO_VERSION).isPresent()) {
            store.delete(key);
            throw new InputException(folder + ": this storage ignores the conditions If-None-Match and If-Match of"
                    + " writes, so two runs could overwrite each other's files; use a storage with conditional"
                    + " writes");
        }
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
