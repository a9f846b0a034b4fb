package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Tensors widened to float32 or reordered, stored in a temporary file so that they take no heap memory.
public final class WideTensors implements AutoCloseable {

    /// The count of numbers that are converted at a time; a multiple of every block size.
    private static final int AT_ONCE = 1 << 16;

    private final Path file;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();

    private WideTensors(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// The source of a tensor's numbers.
    @FunctionalInterface
    public interface Numbers {
        /// Reads numbers.
        ///
        /// @param from the index of the first number
        /// @param target the array at whose beginning the numbers are stored
        /// @param count the number of numbers
        void read(long from, float[] target, int count);
    }

    /// Creates an empty file.
    ///
    /// @param folder a folder with enough space for the model
    /// @return the file, which the caller closes when its tensors are no longer needed
    /// @throws IOException if the file cannot be created
    @SuppressWarnings("MustBeClosedChecker") // The channel becomes part of the result and is closed with it.
    public static WideTensors in(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.createTempFile(folder, ".saiki-import", ".tmp");
        try {
            return new WideTensors(file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /// Writes a tensor and maps it.
    ///
    /// @param name the tensor's name
    /// @param shape the tensor's sizes
    /// @param numbers the tensor's numbers, row-major
    /// @return the tensor in float32, valid until this object is closed
    /// @throws IOException if writing fails
    public StoredTensor add(String name, List<Long> shape, Numbers numbers) throws IOException {
        long count = StoredTensor.byteCount(StoredType.F32, shape) / Float.BYTES;
        long start = channel.size();
        channel.position(start);
        float[] wide = new float[(int) Math.min(AT_ONCE, count)];
        ByteBuffer bytes = ByteBuffer.allocate(wide.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long from = 0; from < count; from += wide.length) {
            int some = (int) Math.min(wide.length, count - from);
            numbers.read(from, wide, some);
            bytes.clear();
            bytes.asFloatBuffer().put(wide, 0, some);
            bytes.limit(some * Float.BYTES);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        return new StoredTensor(
                name,
                StoredType.F32,
                shape,
                channel.map(FileChannel.MapMode.READ_ONLY, start, count * Float.BYTES, arena));
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
        return new StoredTensor(
                tensor.name(),
                tensor.type(),
                tensor.shape(),
                channel.map(FileChannel.MapMode.READ_ONLY, start, size, arena));
    }

    /// Unmaps and removes the file.
    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
        Files.deleteIfExists(file);
    }
}
