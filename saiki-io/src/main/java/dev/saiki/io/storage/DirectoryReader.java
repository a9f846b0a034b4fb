package dev.saiki.io.storage;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;

/// A reader of a bucket; it reads published folders, single files in them, and plain objects of other tools.
///
/// @param store the bucket
/// @param cache the local cache
record DirectoryReader(ObjectStore store, ObjectCache cache) {

    private static final int MAX_ATTEMPTS = 5;
    private static final String GLOB_CHARACTERS = "*?[{";

    /// A file to fetch.
    ///
    /// @param name the file's name in the cache
    /// @param object the location of the file's object
    /// @param sha256 the SHA-256 of the file's content; empty if unknown
    private record Part(String name, StoredObject object, Optional<String> sha256) {}

    /// A published folder.
    ///
    /// @param at the location of the published folder
    /// @param manifest the list of the folder's files
    /// @param version version of the object that lists the files
    record Published(StorageLocation at, DirectoryManifest manifest, String version) {}

    /// Returns a local copy of a folder or a file.
    ///
    /// @param wanted the location; its last parts may be a glob
    /// @param sufficient the name of a subfolder that alone is copied if it exists; empty for the whole
    ///     folder
    /// @return the local copy, to which the caller must still apply the glob
    /// @throws InputException if the location is empty, or its folder was not completely published
    Path fetch(StorageLocation wanted, Optional<String> sufficient) throws IOException {
        StorageLocation start = globStart(wanted);
        Predicate<String> matches = matcher(start, wanted);
        for (int attempt = 1; ; attempt++) {
            SortedMap<String, Part> parts = parts(start);
            parts.keySet().removeIf(path -> !path.isEmpty() && !matches.test(path));
            if (parts.isEmpty()) {
                throw new InputException(wanted + ": no such file or folder in this bucket");
            }
            sufficient.ifPresent(part -> keepOnly(parts, part + "/"));
            try {
                Path copy = copy(start, parts);
                return start.equals(wanted) ? copy : copy.resolve(start.relativize(wanted));
            } catch (NoSuchFileException replaced) {
                if (attempt == MAX_ATTEMPTS) {
                    throw new InputException(
                            wanted + ": some of its files are missing (" + replaced.getMessage()
                                    + "); it was published only in part, or it changed during the download",
                            replaced);
                }
            }
        }
    }

    /// Finds a folder published at exactly this location.
    Optional<Published> published(StorageLocation at) throws IOException {
        String key = at.child(DirectoryManifest.NAME).key();
        return store.read(key)
                .map(content -> new Published(
                        at,
                        DirectoryManifest.parse(content.text(), new StorageLocation(at.bucket(), key).toString()),
                        content.version()));
    }

    private static void keepOnly(SortedMap<String, Part> parts, String beginning) {
        if (parts.keySet().stream().anyMatch(path -> path.startsWith(beginning))) {
            parts.keySet().removeIf(path -> !path.startsWith(beginning));
        }
    }

    /// The files at a location, by their paths below it; the empty path is the location itself.
    private SortedMap<String, Part> parts(StorageLocation start) throws IOException {
        for (Optional<StorageLocation> at = Optional.of(start);
                at.isPresent();
                at = at.get().parent()) {
            Optional<Published> published = published(at.get());
            if (published.isPresent()) {
                return partsOf(published.get(), start);
            }
        }
        return plainObjects(start);
    }

    private SortedMap<String, Part> partsOf(Published published, StorageLocation start) {
        String below = published.at().relativize(start);
        SortedMap<String, Part> parts = new TreeMap<>();
        published.manifest().files().forEach((path, entry) -> {
            if (below.isEmpty() || path.equals(below) || path.startsWith(below + "/")) {
                parts.put(
                        below.isEmpty() ? path : path.substring(Math.min(path.length(), below.length() + 1)),
                        new Part(
                                entry.sha256(),
                                new StoredObject(DirectoryManifest.key(published.at(), path, entry), entry.bytes(), ""),
                                Optional.of(entry.sha256())));
            }
        });
        return parts;
    }

    private SortedMap<String, Part> plainObjects(StorageLocation start) throws IOException {
        SortedMap<String, Part> parts = new TreeMap<>();
        Optional<StoredObject> single = start.key().isEmpty() ? Optional.empty() : store.find(start.key());
        if (single.isPresent()) {
            parts.put("", plain(single.get()));
            return parts;
        }
        String prefix = start.prefix();
        for (StoredObject object : store.list(prefix)) {
            String path = object.key().substring(prefix.length());
            if (path.equals(DirectoryLease.NAME)) {
                throw new InputException(start + ": a run is writing here and has not published a complete state yet;"
                        + " try again later");
            }
            if (!path.isEmpty() && !path.endsWith("/") && !path.contains("//") && !path.contains("../")) {
                parts.put(path, plain(object));
            }
        }
        return parts;
    }

    private Part plain(StoredObject object) {
        return new Part(hash(object.key() + "\n" + object.version() + "\n" + object.bytes()), object, Optional.empty());
    }

    private String hash(String text) {
        return Sha256.hex((store.identity() + "\n" + text).getBytes(StandardCharsets.UTF_8));
    }

    private Path copy(StorageLocation start, Map<String, Part> parts) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        StringBuilder content = new StringBuilder(start.key()).append('\n');
        for (Map.Entry<String, Part> part : parts.entrySet()) {
            files.put(part.getKey(), file(start, part.getValue()));
            content.append(part.getKey())
                    .append('\n')
                    .append(part.getValue().name())
                    .append('\n');
        }
        Path place = Path.of(start.bucket(), start.key());
        return cache.folder(hash(content.toString()), place, files);
    }

    private Path file(StorageLocation start, Part part) throws IOException {
        return cache.file(part.name(), part.object().bytes(), file -> {
            store.fetch(part.object(), file);
            if (part.sha256().isPresent()
                    && !Sha256.hex(file).equals(part.sha256().get())) {
                Files.delete(file);
                throw new InputException(
                        new StorageLocation(start.bucket(), part.object().key())
                                + ": damaged: the content does not match its hash; publish the folder again");
            }
        });
    }

    private static StorageLocation globStart(StorageLocation wanted) {
        StorageLocation start = wanted;
        while (isGlob(start.key())) {
            start = start.parent().orElseThrow();
        }
        return start;
    }

    private static boolean isGlob(String key) {
        return key.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0);
    }

    private static Predicate<String> matcher(StorageLocation start, StorageLocation wanted) {
        if (start.equals(wanted)) {
            return _ -> true;
        }
        try {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + start.relativize(wanted));
            return path -> matcher.matches(Path.of(path));
        } catch (PatternSyntaxException e) {
            throw new InputException(wanted + ": not a glob: " + e.getMessage(), e);
        }
    }

    /// Copies all files of a published folder, so that the work in it can be continued.
    ///
    /// @param published the folder
    /// @param target an empty folder for the copies, which may be changed
    void restore(Published published, Path target) throws IOException {
        for (Map.Entry<String, Part> part : partsOf(published, published.at()).entrySet()) {
            Path copy = target.resolve(part.getKey());
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(file(published.at(), part.getValue()), copy);
        }
    }

    /// Throws an exception if a location has objects of other programs.
    void requireNothingElse(StorageLocation at) throws IOException {
        List<String> others = store.list(at.prefix()).stream()
                .map(StoredObject::key)
                .filter(key -> !DirectoryManifest.isKeyOfFile(key) && !key.endsWith("/" + DirectoryLease.NAME))
                .limit(3)
                .toList();
        if (!others.isEmpty()) {
            throw new InputException(at + ": must be empty, or a folder that Saiki published, got a folder with "
                    + String.join(", ", others) + "; choose another folder, or delete these objects");
        }
    }
}
