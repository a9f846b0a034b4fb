package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.FusedTensors;
import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Converted tensors, stored in a temporary file so that they take no heap memory.
public final class TemporaryTensors implements AutoCloseable {

    /// The number of bytes that are written at a time.
    private static final int AT_ONCE = 1 << 16;

    /// The number of numbers that are computed at a time, unless a row is longer.
    private static final int NUMBERS_AT_ONCE = 1 << 20;

    /// The place of a matrix in the file.
    private record Reserved(ComputedMatrix matrix, long start) {}

    private final List<Reserved> reserved = new ArrayList<>();
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

    /// Writes the parts of a tensor one after the other, and maps the whole. Blocks and parts of different formats are
    /// widened to float32.
    ///
    /// @param group parts whose formats are readable as float32
    /// @return the whole tensor, valid until this object is closed
    /// @throws IOException if writing fails
    public StoredTensor add(FusedTensors.Group group) throws IOException {
        StoredType type = group.type().filter(common -> !common.hasBlocks()).orElse(StoredType.F32);
        long start = channel.size();
        channel.position(start);
        for (StoredTensor part : group.parts()) {
            BlockEncoder.of(type).write(part, Channels.newOutputStream(channel));
        }
        return mapped(group.name(), type, group.shape(), start);
    }

    /// Maps a tensor. If the file is shorter, it grows without taking space on the disk.
    private StoredTensor mapped(String name, StoredType type, List<Long> shape, long start) throws IOException {
        long size = StoredTensor.byteCount(type, shape);
        return new StoredTensor(name, type, shape, channel.map(FileChannel.MapMode.READ_ONLY, start, size, arena));
    }

    /// Reserves the place of a matrix and maps it. Its numbers are undefined until {@link #compute} writes them.
    ///
    /// @param matrix the matrix
    /// @return the matrix, valid until this object is closed
    /// @throws IOException if the file cannot grow
    public StoredTensor reserve(ComputedMatrix matrix) throws IOException {
        long start = channel.size();
        reserved.add(new Reserved(matrix, start));
        return mapped(matrix.name(), matrix.type(), matrix.shape(), start);
    }

    /// Reserves the places of tensors whose numbers stay undefined.
    ///
    /// @param shapes the sizes by name
    /// @param type the number format of all tensors
    /// @return the tensors, valid until this object is closed
    /// @throws IOException if the file cannot grow
    public List<StoredTensor> reserve(SequencedMap<String, List<Long>> shapes, StoredType type) throws IOException {
        long size = shapes.values().stream()
                .mapToLong(shape -> StoredTensor.byteCount(type, shape))
                .sum();
        MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, channel.size(), size, arena);
        List<StoredTensor> tensors = new ArrayList<>();
        long start = 0;
        for (Map.Entry<String, List<Long>> tensor : shapes.entrySet()) {
            long bytes = StoredTensor.byteCount(type, tensor.getValue());
            tensors.add(new StoredTensor(tensor.getKey(), type, tensor.getValue(), all.asSlice(start, bytes)));
            start += bytes;
        }
        return tensors;
    }

    /// Computes and writes all reserved matrices.
    ///
    /// @throws IOException if writing fails
    public void compute() throws IOException {
        for (Reserved place : reserved) {
            channel.position(place.start());
            write(place.matrix(), Channels.newOutputStream(channel));
        }
        reserved.clear();
    }

    private static void write(ComputedMatrix matrix, OutputStream output) throws IOException {
        long rows = matrix.shape().getFirst();
        long columns = matrix.shape().getLast();
        long atOnce = Math.max(1, NUMBERS_AT_ONCE / columns);
        for (long row = 0; row < rows; row += atOnce) {
            int count = (int) Math.min(atOnce, rows - row);
            float[] numbers = matrix.numbers(row, count);
            BlockEncoder.of(matrix.type())
                    .write(StoredTensor.ofFloats(matrix.name(), List.of((long) count, columns), numbers), output);
        }
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
        return mapped(tensor.name(), tensor.type(), tensor.shape(), start);
    }

    /// Unmaps and removes the file.
    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
        Files.deleteIfExists(file);
    }
}
