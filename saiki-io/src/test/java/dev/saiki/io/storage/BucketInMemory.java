package dev.saiki.io.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A bucket in memory; tests set its clock, and can make its uploads fail.
final class BucketInMemory implements ObjectStore {

    /// Seconds since the bucket was made.
    long now;

    /// The number of uploads after which every further upload fails.
    int uploadsUntilFailure = Integer.MAX_VALUE;

    /// The keys of all uploads that stored something.
    final List<String> uploads = new ArrayList<>();

    int fetches;

    /// Whether {@link #create} overwrites, as on storages without If-None-Match.
    boolean createOverwrites;

    /// Whether {@link #replace} overwrites any version, as on storages without If-Match.
    boolean replaceOverwrites;

    /// The prefixes below which unfinished uploads were removed.
    final List<String> aborted = new ArrayList<>();

    private final SortedMap<String, Content> objects = new TreeMap<>();
    private long numWrites;

    private record Content(String text, String version, long written) {}

    @Override
    public String identity() {
        return "memory";
    }

    @Override
    public synchronized List<StoredObject> list(String prefix) {
        return objects.entrySet().stream()
                .filter(object -> object.getKey().startsWith(prefix))
                .map(object -> stored(object.getKey(), object.getValue()))
                .toList();
    }

    private static StoredObject stored(String key, Content content) {
        return new StoredObject(key, content.text().length(), content.version());
    }

    @Override
    public synchronized Optional<StoredObject> find(String key) {
        return Optional.ofNullable(objects.get(key)).map(content -> stored(key, content));
    }

    @Override
    public synchronized Optional<ObjectContent> read(String key) {
        return Optional.ofNullable(objects.get(key))
                .map(content -> new ObjectContent(
                        content.text(), content.version(), Duration.ofSeconds(now - content.written())));
    }

    @Override
    public synchronized void fetch(StoredObject object, Path file) throws IOException {
        fetches++;
        Content content = objects.get(object.key());
        if (content == null) {
            throw new NoSuchFileException(object.key());
        }
        Files.writeString(file, content.text());
    }

    @Override
    public synchronized Optional<String> create(String key, String text) {
        return objects.containsKey(key) && !createOverwrites ? Optional.empty() : Optional.of(put(key, text));
    }

    @Override
    public synchronized Optional<String> replace(String key, String text, String version) {
        Content there = objects.get(key);
        boolean matches = there != null && (replaceOverwrites || there.version().equals(version));
        return matches ? Optional.of(put(key, text)) : Optional.empty();
    }

    /// Stores an object, as another tool would.
    synchronized String put(String key, String text) {
        String version = "version-" + ++numWrites;
        objects.put(key, new Content(text, version, now));
        return version;
    }

    @Override
    public synchronized void upload(String key, Path file, long bytes) throws IOException {
        if (uploadsUntilFailure-- <= 0) {
            throw new IOException("the network is down");
        }
        if (find(key).isPresent()) {
            return;
        }
        uploads.add(key);
        try (InputStream input = Files.newInputStream(file)) {
            put(key, new String(input.readNBytes((int) bytes), StandardCharsets.UTF_8));
        }
    }

    @Override
    public synchronized void delete(String key) {
        objects.remove(key);
    }

    @Override
    public synchronized void abortUploads(String prefix) {
        aborted.add(prefix);
    }
}
