package dev.saiki.io.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A bucket of object storage.
///
/// All methods are thread-safe and retry for a while after network failures. Methods throw
/// {@link dev.saiki.io.InputException} for problems that the user can fix (no such bucket, no credentials, no
/// permission), and otherwise {@link IOException}.
public interface ObjectStore {

    /// A unique name of the bucket, made of endpoint and bucket, for use by caches.
    ///
    /// @return the name, without credentials
    String identity();

    /// Lists objects.
    ///
    /// @param prefix the beginning of the objects' keys; empty for all objects
    /// @return the objects in order of their keys
    /// @throws IOException if the storage does not respond
    List<StoredObject> list(String prefix) throws IOException;

    /// Looks up an object.
    ///
    /// @param key the key of the object
    /// @return the object; empty if there is none
    /// @throws IOException if the storage does not respond
    Optional<StoredObject> find(String key) throws IOException;

    /// Reads a small object as a whole.
    ///
    /// @param key the key of the object
    /// @return the object; empty if there is none
    /// @throws IOException if the storage does not respond
    Optional<ObjectContent> read(String key) throws IOException;

    /// Reads an object into a file, and resumes after a lost connection.
    ///
    /// @param object the object, with its version
    /// @param file the file to create or overwrite
    /// @throws java.nio.file.NoSuchFileException if the object no longer exists, or has another version
    /// @throws IOException if the storage does not respond, or the file cannot be written
    void fetch(StoredObject object, Path file) throws IOException;

    /// Writes a small object if none exists under this key.
    ///
    /// @param key the key of the object
    /// @param text the content of the object
    /// @return the object's version; empty if an object with other content exists under the key
    /// @throws IOException if the storage does not respond
    Optional<String> create(String key, String text) throws IOException;

    /// Replaces a small object if it has the given version.
    ///
    /// @param key the key of the object
    /// @param text the new content, which must differ from the old
    /// @param version the current version
    /// @return the new version; empty if the object has another version or does not exist
    /// @throws IOException if the storage does not respond
    Optional<String> replace(String key, String text, String version) throws IOException;

    /// Writes an object whose key identifies its content, and resumes an interrupted earlier call.
    ///
    /// @param key the key, unique to the content
    /// @param file the file with the content
    /// @param bytes the number of bytes to write, from the beginning of the file
    /// @throws IOException if the storage does not respond, or the file cannot be read
    void upload(String key, Path file, long bytes) throws IOException;

    /// Removes an object; does nothing if it does not exist.
    ///
    /// @param key the key of the object
    /// @throws IOException if the storage does not respond
    void delete(String key) throws IOException;

    /// Removes the parts of uploads that were never completed; does nothing if there are none.
    ///
    /// @param prefix the beginning of the objects' keys
    /// @throws IOException if the storage does not respond
    void abortUploads(String prefix) throws IOException;
}
