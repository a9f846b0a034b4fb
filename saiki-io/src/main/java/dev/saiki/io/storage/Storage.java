package dev.saiki.io.storage;

import dev.saiki.io.CacheDirectory;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The object storage of this process, configured by environment variables.
///
/// | variable | says | default |
/// | --- | --- | --- |
/// | `XDG_CACHE_HOME` | where copies are kept, in `saiki/storage` | the user's `.cache` |
/// | `SAIKI_CACHE_GB` | the maximum size of all copies, in 10⁹ bytes | 50 |
/// | `SAIKI_PUBLISH_SECONDS` | how often a folder that is written is published | 15 |
/// | `SAIKI_LEASE_SECONDS` | how long the next writer waits after a writer on another machine was killed | 60 |
public final class Storage {

    private static final int MAX_SECONDS = 86_400;
    private static final int MAX_GIGABYTES = 1_000_000;

    private static final Storage OF_PROCESS = new Storage(System.getenv());

    private final Map<String, String> environment;
    private final Map<String, ObjectStore> buckets = new ConcurrentHashMap<>();

    private Storage(Map<String, String> environment) {
        this.environment = environment;
    }

    /// Returns a local copy of a path in object storage, which exists until this process ends. Any other path is
    /// returned unchanged.
    ///
    /// @param path any path. `s3:/bucket/key`, alone or below another folder, names a published folder, a part of
    ///     one, a file, or a prefix of plain objects. The last parts of the path may be a glob, which the caller
    ///     must still apply.
    /// @return a path in the file system, which must not be changed
    /// @throws InputException if the path does not exist, or was not completely published
    /// @throws UncheckedIOException if the storage does not respond
    public static Path local(Path path) {
        return local(path, Optional.empty());
    }

    /// Returns a local copy of one subfolder only, if that subfolder exists; otherwise returns a copy of the
    /// whole path.
    ///
    /// @param path any path
    /// @param sufficient the name of the subfolder
    /// @return a path in the file system
    /// @throws InputException if the path does not exist, or was not completely published
    /// @throws UncheckedIOException if the storage does not respond
    public static Path local(Path path, String sufficient) {
        return local(path, Optional.of(sufficient));
    }

    private static Path local(Path path, Optional<String> sufficient) {
        Optional<StorageLocation> location = StorageLocation.in(path);
        if (location.isEmpty()) {
            return path;
        }
        try {
            return OF_PROCESS.reader(location.get()).fetch(location.get(), sufficient);
        } catch (IOException e) {
            throw new UncheckedIOException(location.get() + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// Opens a folder in object storage for writing.
    ///
    /// @param location the location
    /// @param warnings receives messages about temporary problems
    /// @return the local folder to write to
    /// @throws InputException if another run writes to the folder, or the location has objects that Saiki did not
    ///     publish
    /// @throws IOException if the storage does not respond
    public static PublishedDirectory publish(StorageLocation location, Consumer<String> warnings) throws IOException {
        return PublishedDirectory.open(
                OF_PROCESS.reader(location),
                location,
                OF_PROCESS.folder().resolve("work"),
                OF_PROCESS.times(),
                warnings);
    }

    /// Writes or replaces a UTF-8 text file in object storage.
    ///
    /// @param location the location
    /// @param file the new content
    /// @throws InputException if another process writes the file at the same time
    /// @throws IOException if the storage does not respond, or the file cannot be read
    public static void publishText(StorageLocation location, Path file) throws IOException {
        ObjectStore store = OF_PROCESS.store(location.bucket());
        String text = Files.readString(file);
        Optional<ObjectContent> there = store.read(location.key());
        if (there.isPresent() && there.get().text().equals(text)) {
            return;
        }
        Optional<String> version = there.isPresent()
                ? store.replace(location.key(), text, there.get().version())
                : store.create(location.key(), text);
        if (version.isEmpty()) {
            throw new InputException(location
                    + ": another process has written this object in the meantime; this process's" + " file is " + file);
        }
    }

    private DirectoryReader reader(StorageLocation location) {
        long gigabytes = setting("SAIKI_CACHE_GB", 50, MAX_GIGABYTES);
        return new DirectoryReader(
                store(location.bucket()),
                new ObjectCache(folder(), gigabytes * 1_000_000_000L, InstantSource.system()));
    }

    private ObjectStore store(String bucket) {
        return buckets.computeIfAbsent(
                bucket,
                name -> ServiceLoader.load(ObjectStoreProvider.class)
                        .findFirst()
                        .orElseThrow(() ->
                                new InputException("s3://" + name + ": this program was built without object storage;"
                                        + " add the module saiki-s3 to its libraries"))
                        .open(name));
    }

    private Path folder() {
        return CacheDirectory.of(environment)
                .orElseThrow(
                        () -> new InputException("no cache folder for object storage; set XDG_CACHE_HOME to a folder"))
                .resolve("storage");
    }

    private PublishedDirectory.Times times() {
        return new PublishedDirectory.Times(
                Duration.ofSeconds(setting("SAIKI_PUBLISH_SECONDS", 15, MAX_SECONDS)),
                Duration.ofSeconds(setting("SAIKI_LEASE_SECONDS", 60, MAX_SECONDS)));
    }

    private long setting(String variable, int standard, int most) {
        String value = environment.getOrDefault(variable, String.valueOf(standard));
        try {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The error is reported below.
        }
        throw InputException.of("the environment", variable, "a whole number from 1 to " + most, value);
    }
}
