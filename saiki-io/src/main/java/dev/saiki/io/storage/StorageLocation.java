package dev.saiki.io.storage;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A location in object storage: a bucket, and an object's key or a prefix of keys.
///
/// The text of a location is `s3://bucket/key`. As a {@link Path} the location is `s3:/bucket/key`, also below
/// another folder, since a plan or a recipe resolves its paths against its own folder.
///
/// @param bucket the bucket's name
/// @param key the key or prefix, without a slash at either end; empty for the whole bucket
public record StorageLocation(String bucket, String key) {

    private static final Pattern IN_PATH = Pattern.compile("(?:.*/)?s3:/+([^/]*)/*(.*?)/*");

    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    /// Checks the bucket's name.
    public StorageLocation {
        InputException.require(
                BUCKET.matcher(bucket).matches(),
                "s3://" + bucket + (key.isEmpty() ? "" : "/" + key),
                "the bucket",
                "3 to 63 lower-case letters, digits, dots and hyphens, as in s3://bucket/prefix",
                bucket.isEmpty() ? "nothing" : bucket);
    }

    /// Parses a path.
    ///
    /// @param path any path
    /// @return the location; empty if the path is one of the file system
    /// @throws InputException if the path is in object storage but has no bucket
    public static Optional<StorageLocation> in(Path path) {
        Matcher matcher = IN_PATH.matcher(path.toString());
        return matcher.matches()
                ? Optional.of(new StorageLocation(matcher.group(1), matcher.group(2)))
                : Optional.empty();
    }

    /// The location of a path inside this location.
    ///
    /// @param relative the path, relative to this location
    /// @return the place
    StorageLocation child(String relative) {
        return new StorageLocation(bucket, prefix() + relative);
    }

    /// The beginning of the keys of all objects inside this location.
    ///
    /// @return the key with a slash at its end; empty for a whole bucket
    String prefix() {
        return key.isEmpty() ? "" : key + "/";
    }

    /// The parent of this location.
    ///
    /// @return the parent; empty for a whole bucket
    Optional<StorageLocation> parent() {
        if (key.isEmpty()) {
            return Optional.empty();
        }
        int slash = key.lastIndexOf('/');
        return Optional.of(new StorageLocation(bucket, slash < 0 ? "" : key.substring(0, slash)));
    }

    /// The key of another location, relative to this one.
    ///
    /// @param below a location inside this one, or this location itself
    /// @return the relative key; empty for this location itself
    String relativize(StorageLocation below) {
        return below.key.equals(key) ? "" : below.key.substring(prefix().length());
    }

    @Override
    public String toString() {
        return "s3://" + bucket + (key.isEmpty() ? "" : "/" + key);
    }
}
