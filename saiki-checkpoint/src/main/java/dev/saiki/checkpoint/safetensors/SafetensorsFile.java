package dev.saiki.checkpoint.safetensors;

import dev.saiki.io.GitLfsPointer;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A memory-mapped safetensors file. Opening reads only the header; tensors are views of the file.
///
/// The tensors must not be used after {@link #close}.
public final class SafetensorsFile implements AutoCloseable {

    private static final int LENGTH_BYTES = Long.BYTES;

    private final Path path;
    private final Arena arena;
    private final SequencedMap<String, StoredTensor> tensors;
    private final Map<String, String> metadata;

    private SafetensorsFile(
            Path path, Arena arena, SequencedMap<String, StoredTensor> tensors, Map<String, String> metadata) {
        this.path = path;
        this.arena = arena;
        this.tensors = tensors;
        this.metadata = metadata;
    }

    /// Opens a file and checks its whole structure.
    ///
    /// @param path the file
    /// @return the open file, which the caller closes when its tensors are no longer needed
    /// @throws InputException if the file is missing, truncated, or malformed
    @SuppressWarnings("MustBeClosedChecker") // The arena becomes part of the result and is closed with it.
    public static SafetensorsFile open(Path path) {
        Arena arena = Arena.ofShared();
        try {
            return open(path, arena);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /// Maps the tensors of a file for the lifetime of an arena.
    ///
    /// @param path the file
    /// @param arena the arena
    /// @return the tensors by name, in the order of the data
    /// @throws InputException if the file is missing, truncated, or malformed
    public static SequencedMap<String, StoredTensor> map(Path path, Arena arena) {
        return open(path, arena).tensors();
    }

    private static SafetensorsFile open(Path path, Arena arena) {
        InputException.require(Files.exists(path), path + ": no such file");
        InputException.require(Files.isRegularFile(path), path + ": not a regular file");
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            byte[] headerBytes = readHeader(channel, size, path);
            long bodyStart = LENGTH_BYTES + (long) headerBytes.length;
            SafetensorsHeader header = SafetensorsHeader.parse(headerBytes, size - bodyStart, path.toString());
            MemorySegment body =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena).asSlice(bodyStart);
            return new SafetensorsFile(path, arena, slices(header, body), header.metadata());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    private static byte[] readHeader(FileChannel channel, long size, Path path) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new InputException(path + ": not a safetensors file: " + size
                    + " bytes are too few; if the file is truncated, copy it again or recreate it");
        }
        ByteBuffer lengthBytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(channel, lengthBytes, 0, path);
        long length = lengthBytes.getLong(0);
        if (length < 0 || length > SafetensorsHeader.MAX_BYTES) {
            GitLfsPointer.refuse(path);
            throw new InputException(path + ": not a safetensors file: the header must have at most "
                    + SafetensorsHeader.MAX_BYTES + " bytes, got " + Long.toUnsignedString(length));
        }
        if (length > size - LENGTH_BYTES) {
            throw new InputException(path + ": the header is truncated: it has " + length + " bytes, but only "
                    + (size - LENGTH_BYTES) + " are in the file; copy it again or recreate it");
        }
        ByteBuffer header = ByteBuffer.allocate((int) length);
        readFully(channel, header, LENGTH_BYTES, path);
        return header.array();
    }

    private static void readFully(FileChannel channel, ByteBuffer target, long from, Path path) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target, from + target.position()) < 0) {
                throw new InputException(path + ": the file became shorter while it was read");
            }
        }
    }

    private static SequencedMap<String, StoredTensor> slices(SafetensorsHeader header, MemorySegment body) {
        SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (SafetensorsHeader.Entry entry : header.entries()) {
            MemorySegment data = body.asSlice(entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new StoredTensor(entry.name(), entry.type(), entry.shape(), data));
        }
        return Collections.unmodifiableSequencedMap(tensors);
    }

    /// Lists the tensors in the order of their data.
    ///
    /// @return the names
    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /// Returns all tensors in the order of their data.
    ///
    /// @return the tensors by name
    public SequencedMap<String, StoredTensor> tensors() {
        return tensors;
    }

    /// Returns one tensor.
    ///
    /// @param name the name of the tensor
    /// @return a view into the file
    /// @throws InputException if the file has no such tensor
    public StoredTensor tensor(String name) {
        @Nullable StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new InputException(path + ": no tensor " + name);
        }
        return tensor;
    }

    /// Returns the metadata in the header.
    ///
    /// @return text by key; empty if there is none
    public Map<String, String> metadata() {
        return metadata;
    }

    /// Unmaps the file.
    @Override
    public void close() {
        arena.close();
    }
}
