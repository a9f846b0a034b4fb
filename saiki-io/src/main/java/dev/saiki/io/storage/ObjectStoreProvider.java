package dev.saiki.io.storage;

/// A provider of one kind of object storage, found by {@link java.util.ServiceLoader}.
public interface ObjectStoreProvider {

    /// Opens a bucket, without network access.
    ///
    /// @param bucket the name of the bucket
    /// @return the bucket
    /// @throws dev.saiki.io.InputException if the settings of this process are incomplete or wrong
    ObjectStore open(String bucket);
}
