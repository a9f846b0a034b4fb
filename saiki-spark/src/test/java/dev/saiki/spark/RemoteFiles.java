package dev.saiki.spark;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/// The local disk under another URL scheme, so that Spark treats it as remote storage.
public final class RemoteFiles extends RawLocalFileSystem {

    /// The constructor for Hadoop.
    public RemoteFiles() {}

    @Override
    public URI getUri() {
        return URI.create("remote:///");
    }

    @Override
    public String getScheme() {
        return "remote";
    }

    @Override
    public FileStatus getFileStatus(Path file) throws IOException {
        return plain(super.getFileStatus(file));
    }

    @Override
    public FileStatus[] listStatus(Path folder) throws IOException {
        return Arrays.stream(super.listStatus(folder)).map(RemoteFiles::plain).toArray(FileStatus[]::new);
    }

    /// Without permissions, which are looked for under the local scheme.
    private static FileStatus plain(FileStatus status) {
        return new FileStatus(
                status.getLen(),
                status.isDirectory(),
                1,
                status.getBlockSize(),
                status.getModificationTime(),
                status.getPath());
    }
}
