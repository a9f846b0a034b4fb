package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Converted tensors, stored in a temporary file so that they take no heap memory.
public final class TemporaryTensors implements AutoCloseable {

    /// The number of bytes that are written at a time.
    private static final int AT_ONCE = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();

    private TemporaryTensors(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Creates an empty file.
    ///
    /// @param folder a folder with enough space for the model
    /// @return the file, which the caller closes when its tensors are no longer needed
    /// @throws IOException if the file cannot be created
    @SuppressWarnings("MustBeClosedChecker") // The channel becomes part of the result and is closed with it.
    public static TemporaryTensors in(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.createTempFile(folder, ".saiki-tensors", ".tmp");
        try {
            return new TemporaryTensors(
                    file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /// Writes a tensor in float32 and maps it.
    ///
    /// @param tensor a tensor whose format is readable as float32
    /// @return the tensor in float32, valid until this object is closed
    /// @throws IOException if writing fails
    public StoredTensor addWidened(StoredTensor tensor) throws IOException {
        long start = channel.size();
        channel.position(start);
        BlockEncoder.of(StoredType.F32).write(tensor, Channels.newOutputStream(channel));
        return mapped(tensor, StoredType.F32, start);
    }

    private StoredTensor mapped(StoredTensor tensor, StoredType type, long start) throws IOException {
        return new StoredTensor(
                tensor.name(),
                type,
                tensor.shape(),
                channel.map(FileChannel.MapMode.READ_ONLY, start, channel.size() - start, arena));
    }

    /// Writes a tensor with its rows in half-split order, see {@link HeadRows}, and maps it.
    ///
    /// @param tensor the tensor with its rows in the order of neighbouring pairs
    /// @param headDim rows of a head
    /// @return the reordered tensor, valid until this object is closed
    /// @throws IOException if writing fails
    public StoredTensor addHalves(StoredTensor tensor, int headDim) throws IOException {
        long start = channel.size();
        channel.position(start);
        long size = tensor.data().byteSize();
        try (Arena passing = Arena.ofConfined()) {
            MemorySegment data = HeadRows.toHalves(tensor, headDim, passing).data();
            for (long from = 0; from < size; from += AT_ONCE) {
                ByteBuffer bytes =
                        data.asSlice(from, Math.min(AT_ONCE, size - from)).asByteBuffer();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        }
        return mapped(tensor, tensor.type(), start);
    }

    /// Unmaps and removes the file.
    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
        Files.deleteIfExists(file);
    }
}
