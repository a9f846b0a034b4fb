package dev.saiki.io.storage;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A local folder that is published to object storage while it is written.
///
/// If the location already contains a published folder, the local folder starts as a copy of it. Nothing is
/// downloaded if this machine read or published that state last: its local folder then equals or continues the
/// state. Changes are published every few seconds and at the end of the work, see this package.
public final class PublishedDirectory implements AutoCloseable {

    private static final String LOCAL = "folder";
    private static final String BASE = "published.txt";
    private static final String NEVER = "never published\n";
    private static final String DONE = "done";
    private static final Duration KEPT = Duration.ofDays(7);

    private final ObjectStore store;
    private final StorageLocation at;
    private final Path workplace;
    private final DirectoryLease lease;
    private final Consumer<String> warnings;
    private final Map<DirectorySnapshot.State, DirectoryManifest.Entry> known = new HashMap<>();
    private final ScheduledExecutorService publisher;
    private DirectoryReader.@Nullable Published published;
    private DirectoryManifest before = new DirectoryManifest(new TreeMap<>());

    private PublishedDirectory(
            ObjectStore store,
            StorageLocation at,
            Path workplace,
            DirectoryLease lease,
            Optional<DirectoryReader.Published> published,
            Consumer<String> warnings) {
        this.store = store;
        this.at = at;
        this.workplace = workplace;
        this.lease = lease;
        this.published = published.orElse(null);
        this.warnings = warnings;
        this.publisher = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("saiki-storage-publisher").factory());
    }

    /// The intervals between publications, and the time limit of leases.
    ///
    /// @param period the interval between checks of the folder
    /// @param lease the time for which other processes wait if this process was killed and they cannot detect
    ///     that
    public record Times(Duration period, Duration lease) {}

    /// Opens a location for writing.
    ///
    /// @throws InputException if another run writes to the location, or the location has objects that Saiki did
    ///     not publish
    static PublishedDirectory open(
            DirectoryReader reader, StorageLocation at, Path workplaces, Times times, Consumer<String> warnings)
            throws IOException {
        ObjectStore store = reader.store();
        Path workplace =
                workplaces.resolve(Sha256.hex((store.identity() + "\n" + at.key()).getBytes(StandardCharsets.UTF_8))
                        .substring(0, 16));
        removeOld(workplaces, reader.cache().clock());
        DirectoryLease lease = DirectoryLease.acquire(store, at, LeaseOwner.thisProcess(), times.lease(), warnings);
        try {
            Optional<DirectoryReader.Published> published = reader.published(at);
            if (published.isEmpty()) {
                reader.requireNothingElse(at);
            }
            prepare(reader, published, workplace, localPath(workplace, at));
            PublishedDirectory folder = new PublishedDirectory(store, at, workplace, lease, published, warnings);
            long period = times.period().toMillis();
            ScheduledFuture<?> _ = folder.publisher.scheduleWithFixedDelay(
                    folder::tryToPublish, period, period, TimeUnit.MILLISECONDS);
            return folder;
        } catch (IOException | RuntimeException | Error e) {
            lease.close();
            throw e;
        }
    }

    /// Makes the local folder a copy of the published folder, unless the local folder already continues the
    /// published one.
    private static void prepare(
            DirectoryReader reader, Optional<DirectoryReader.Published> published, Path workplace, Path local)
            throws IOException {
        Files.deleteIfExists(workplace.resolve(DONE));
        String there = published.map(folder -> folder.manifest().text()).orElse(NEVER);
        Path base = workplace.resolve(BASE);
        if (Files.exists(base) && Files.readString(base).equals(there)) {
            return;
        }
        AtomicFiles.deleteRecursively(workplace);
        if (published.isPresent()) {
            Files.createDirectories(local);
            reader.restore(published.get(), local);
        } else {
            Files.createDirectories(local.resolveSibling(""));
        }
        AtomicFiles.writeString(base, there);
    }

    /// Removes the local folders of completely published work that has not been continued for a week.
    private static void removeOld(Path workplaces, InstantSource clock) throws IOException {
        Instant oldest = clock.instant().minus(KEPT);
        try (Stream<Path> children = Files.isDirectory(workplaces) ? Files.list(workplaces) : Stream.empty()) {
            for (Path workplace : (Iterable<Path>) children::iterator) {
                Path done = workplace.resolve(DONE);
                if (Files.exists(done)
                        && Files.getLastModifiedTime(done).toInstant().isBefore(oldest)) {
                    AtomicFiles.deleteRecursively(workplace);
                }
            }
        }
    }

    private static Path localPath(Path workplace, StorageLocation at) {
        return workplace.resolve(LOCAL).resolve(at.bucket()).resolve(at.key());
    }

    /// The local folder to write to; it may not exist yet.
    ///
    /// @return a path of the file system
    public Path local() {
        return localPath(workplace, at);
    }

    /// Returns the location of the published folder.
    ///
    /// @return the location
    public StorageLocation location() {
        return at;
    }

    /// Registers a callback for the loss of the lease.
    ///
    /// @param listener called on a separate thread or, if the lease is already lost, at once on this thread; must
    ///     return immediately
    public void onLoss(Runnable listener) {
        lease.onLoss(listener);
    }

    private void tryToPublish() {
        try {
            publish();
        } catch (IOException | RuntimeException e) {
            warnings.accept(at + ": could not publish, will retry: " + e.getMessage());
        }
    }

    /// Publishes the current state of the folder.
    ///
    /// @return the published folder
    /// @throws InputException if another run writes to the location
    /// @throws IOException if the storage does not respond, or a file cannot be read
    public synchronized Published publish() throws IOException {
        lease.require();
        DirectorySnapshot snapshot = DirectorySnapshot.take(local(), workplace.resolve("snapshot"));
        DirectoryManifest now = manifest(snapshot);
        DirectoryManifest last = published == null ? new DirectoryManifest(new TreeMap<>()) : published.manifest();
        if (published == null || !now.equals(last)) {
            upload(snapshot, now, last);
            publish(now);
            removeAllBut(List.of(last, now), before);
            before = last;
        }
        AtomicFiles.deleteRecursively(snapshot.folder());
        return new Published(now.files().size(), now.bytes());
    }

    /// The size of a publication.
    ///
    /// @param files the number of files
    /// @param bytes the total length of the files
    public record Published(int files, long bytes) {}

    private DirectoryManifest manifest(DirectorySnapshot snapshot) throws IOException {
        SortedMap<String, DirectoryManifest.Entry> files = new TreeMap<>();
        for (Map.Entry<String, DirectorySnapshot.State> file : snapshot.files().entrySet()) {
            DirectorySnapshot.State state = file.getValue();
            DirectoryManifest.@Nullable Entry entry = known.get(state);
            if (entry == null || state.identity().isEmpty()) {
                entry = new DirectoryManifest.Entry(
                        hash(snapshot.folder().resolve(file.getKey()), state.bytes()), state.bytes());
                known.put(state, entry);
            }
            files.put(file.getKey(), entry);
        }
        known.keySet().retainAll(Set.copyOf(snapshot.files().values()));
        return new DirectoryManifest(files);
    }

    /// Computes the digest of the first bytes of a file to which others may append.
    private static String hash(Path file, long bytes) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream input = Files.newInputStream(file);
                OutputStream output = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            for (long left = bytes; left > 0; ) {
                int read = input.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new IOException(file + ": became shorter while it was read");
                }
                output.write(buffer, 0, read);
                left -= read;
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void upload(DirectorySnapshot snapshot, DirectoryManifest now, DirectoryManifest last) throws IOException {
        for (Map.Entry<String, DirectoryManifest.Entry> file : now.files().entrySet()) {
            if (!file.getValue().equals(last.files().get(file.getKey()))) {
                lease.require();
                store.upload(
                        DirectoryManifest.key(at, file.getKey(), file.getValue()),
                        snapshot.folder().resolve(file.getKey()),
                        file.getValue().bytes());
            }
        }
    }

    private void publish(DirectoryManifest now) throws IOException {
        String key = at.child(DirectoryManifest.NAME).key();
        Optional<String> version =
                published == null ? store.create(key, now.text()) : store.replace(key, now.text(), published.version());
        if (version.isEmpty()) {
            throw new InputException(
                    at + ": another run has published here in the meantime; this run's files are in " + local());
        }
        published = new DirectoryReader.Published(at, now, version.get());
        AtomicFiles.writeString(workplace.resolve(BASE), now.text());
    }

    /// Removes the objects of an old state that the kept states do not contain. The state before the latest is
    /// kept, since readers may still use it.
    private void removeAllBut(List<DirectoryManifest> kept, DirectoryManifest old) throws IOException {
        Set<String> keys =
                kept.stream().flatMap(manifest -> keys(manifest).stream()).collect(Collectors.toSet());
        for (String key : keys(old)) {
            if (!keys.contains(key)) {
                store.delete(key);
            }
        }
    }

    private Set<String> keys(DirectoryManifest manifest) {
        return manifest.files().entrySet().stream()
                .map(file -> DirectoryManifest.key(at, file.getKey(), file.getValue()))
                .collect(Collectors.toSet());
    }

    /// Removes leftovers of interrupted runs and uploads, and all states but the last two.
    private void sweep() throws IOException {
        if (published == null) {
            return;
        }
        store.abortUploads(at.prefix());
        Set<String> kept = keys(published.manifest());
        kept.addAll(keys(before));
        for (StoredObject object : store.list(at.prefix())) {
            if (DirectoryManifest.isKeyOfFile(object.key()) && !kept.contains(object.key())) {
                store.delete(object.key());
            }
        }
    }

    /// Publishes the final state, whether or not the work is complete. The local folder is kept for a week,
    /// so that the next run on this machine need not download it.
    ///
    /// @return the published folder
    /// @throws InputException if another run writes to the location
    /// @throws IOException if the storage does not respond; the next run on this machine then publishes this state
    public Published finish() throws IOException {
        stopPublishing();
        Published last = publish();
        try {
            sweep();
        } catch (IOException | InputException e) {
            warnings.accept(at + ": could not remove all old objects: " + e.getMessage());
        }
        AtomicFiles.writeString(workplace.resolve(DONE), "");
        return last;
    }

    private void stopPublishing() {
        publisher.shutdown();
        try {
            publisher.awaitTermination(1, TimeUnit.HOURS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Releases the lease. Changes that {@link #finish} has not published are kept on this machine for the next
    /// run.
    @Override
    public synchronized void close() throws IOException {
        publisher.shutdownNow();
        lease.close();
    }
}
