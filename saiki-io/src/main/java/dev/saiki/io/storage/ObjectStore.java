package dev.saiki.io.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A bucket of object storage.
///
/// All methods repeat what a bad network lost for a while before they fail, and may be called by several
/// threads. They throw {@link dev.saiki.io.InputException} for what the user can put right (no such bucket,
/// no credentials, no permission), and otherwise {@link IOException}.
public interface ObjectStore {

    /// A name that no other bucket has, for caches: endpoint and bucket.
    ///
    /// @return the name, without credentials
    String identity();

    /// Lists objects.
    ///
    /// @param prefix how their keys begin; empty for all
    /// @return in order of their keys
    /// @throws IOException if the storage does not answer
    List<StoredObject> list(String prefix) throws IOException;

    /// Looks an object up.
    ///
    /// @param key its key
    /// @return empty if there is none
    /// @throws IOException if the storage does not answer
    Optional<StoredObject> find(String key) throws IOException;

    /// Reads a small object as a whole.
    ///
    /// @param key its key
    /// @return empty if there is none
    /// @throws IOException if the storage does not answer
    Optional<ObjectContent> read(String key) throws IOException;

    /// Reads an object into a file, going on where a connection was lost.
    ///
    /// @param object which, in which version
    /// @param file is made or overwritten
    /// @throws java.nio.file.NoSuchFileException if it is gone, or there in another version
    /// @throws IOException if the storage does not answer, or the file cannot be written
    void fetch(StoredObject object, Path file) throws IOException;

    /// Writes a small object if there is none of this key.
    ///
    /// @param key its key
    /// @param text its content
    /// @return its version; empty if there is one with other content
    /// @throws IOException if the storage does not answer
    Optional<String> create(String key, String text) throws IOException;

    /// Writes a small object in the place of one of a known version.
    ///
    /// @param key its key
    /// @param text its new content, which differs from the old
    /// @param version the version that is there
    /// @return its new version; empty if another version is there, or none
    /// @throws IOException if the storage does not answer
    Optional<String> replace(String key, String text, String version) throws IOException;

    /// Writes an object whose key tells its content, going on where an earlier call was interrupted.
    ///
    /// @param key its key, which no other content has
    /// @param file holds its content
    /// @param bytes of the file's beginning that are the content
    /// @throws IOException if the storage does not answer, or the file cannot be read
    void upload(String key, Path file, long bytes) throws IOException;

    /// Removes an object; nothing happens if there is none.
    ///
    /// @param key its key
    /// @throws IOException if the storage does not answer
    void delete(String key) throws IOException;
}
