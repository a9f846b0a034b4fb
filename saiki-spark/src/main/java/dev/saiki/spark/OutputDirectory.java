package dev.saiki.spark;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/// A dataset's folder on a file system that all machines of the cluster can access.
///
/// @param uri the location of the folder
/// @param settings the settings of file systems
record OutputDirectory(String uri, SerializableConfiguration settings) implements Serializable {

    private static final int BUFFER_BYTES = 1 << 20;

    /// The content of a file, written on demand.
    @FunctionalInterface
    interface Content {
        /// Writes the whole content.
        void writeTo(OutputStream output) throws IOException;
    }

    /// Resolves a folder's name on the driver, because executors have other working directories.
    static OutputDirectory of(String name, SerializableConfiguration settings) throws IOException {
        Path folder = new Path(name);
        return new OutputDirectory(
                folder.getFileSystem(settings.value()).makeQualified(folder).toString(), settings);
    }

    private FileSystem files() throws IOException {
        FileSystem files = new Path(uri).getFileSystem(settings.value());
        // Shards have their own checksums, so a local file system need not add a checksum file to each.
        files.setWriteChecksum(false);
        return files;
    }

    /// Creates the folder.
    ///
    /// @throws InputException if the folder is not empty
    void make() throws IOException {
        FileSystem files = files();
        Path folder = new Path(uri);
        if (files.exists(folder) && files.listStatus(folder).length > 0) {
            throw InputException.of(uri, "the folder to write", "new or empty", "a folder with files");
        }
        files.mkdirs(folder);
    }

    /// Writes a file atomically. If several attempts write the file, one result is kept.
    ///
    /// @param attempt distinguishes attempts to write the same file
    void write(String name, long attempt, Content content) throws IOException {
        FileSystem files = files();
        Path target = new Path(uri, name);
        Path temporary = new Path(uri, "." + name + "." + attempt + ".tmp");
        try (OutputStream output = files.create(temporary, true, BUFFER_BYTES)) {
            content.writeTo(output);
        }
        if (files.exists(target) || !files.rename(temporary, target)) {
            files.delete(temporary, false);
            if (!files.exists(target)) {
                throw new IOException(target + " cannot be written");
            }
        }
    }

    /// The SHA-256 of concatenated files, in hexadecimal digits.
    String sha256(List<String> names) throws IOException {
        FileSystem files = files();
        MessageDigest digest = Sha256.digest();
        try (OutputStream output = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            for (String name : names) {
                try (InputStream input = files.open(new Path(uri, name))) {
                    input.transferTo(output);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
