package dev.saiki.checkpoint.safetensors;

import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A writer of safetensors files.
///
/// Tensors keep their order, except that wider number formats come first and those with blocks last: every other
/// tensor then starts at a multiple of the size of its numbers, which PyTorch's loader requires. Equal tensors
/// produce equal bytes.
public final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;
    private static final int CHUNK = 1 << 20;

    private SafetensorsWriter() {}

    /// Writes or replaces a file in one step: a reader sees either the old or the new file.
    ///
    /// @param target the file
    /// @param tensors the tensors; names must differ
    /// @param metadata free text for the header
    /// @throws IOException if writing fails; the target is then unchanged
    public static void write(Path target, List<StoredTensor> tensors, Map<String, String> metadata) throws IOException {
        AtomicFiles.write(target, output -> write(output, tensors, metadata));
    }

    /// Writes the content of a file to a stream, and leaves the stream open. The tensors' data pass through a
    /// buffer of one megabyte.
    ///
    /// @param output the output stream
    /// @param tensors the tensors; names must differ
    /// @param metadata free text for the header
    /// @throws IOException if writing fails
    public static void write(OutputStream output, List<StoredTensor> tensors, Map<String, String> metadata)
            throws IOException {
        requireNames(tensors);
        List<StoredTensor> ordered = tensors.stream()
                .sorted(Comparator.comparingInt((StoredTensor tensor) ->
                        tensor.type().hasBlocks() ? 0 : -tensor.type().blockBytes()))
                .toList();
        byte[] json = header(ordered, metadata).toString().getBytes(StandardCharsets.UTF_8);
        int padded = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        if (padded > SafetensorsHeader.MAX_BYTES) {
            throw new IllegalArgumentException("the header takes " + padded + " bytes, more than a reader accepts");
        }
        output.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded)
                .array());
        output.write(json);
        output.write(" ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII));
        byte[] buffer = new byte[CHUNK];
        for (StoredTensor tensor : ordered) {
            writeData(output, tensor.data(), buffer);
        }
    }

    private static void requireNames(List<StoredTensor> tensors) {
        Set<String> names = new HashSet<>();
        for (StoredTensor tensor : tensors) {
            String name = tensor.name();
            if (name.equals("__metadata__") || name.length() > SafetensorsHeader.MAX_NAME_LENGTH) {
                throw new IllegalArgumentException("not a valid tensor name: " + name);
            }
            if (!names.add(name)) {
                throw new IllegalArgumentException("two tensors named " + name);
            }
        }
    }

    private static ObjectNode header(List<StoredTensor> tensors, Map<String, String> metadata) {
        ObjectNode header = JsonNodeFactory.instance.objectNode();
        if (!metadata.isEmpty()) {
            ObjectNode block = header.putObject("__metadata__");
            new TreeMap<>(metadata).forEach(block::put);
        }
        long position = 0;
        for (StoredTensor tensor : tensors) {
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", tensor.type().name());
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            ArrayNode offsets = entry.putArray("data_offsets");
            offsets.add(position);
            position = Math.addExact(position, tensor.data().byteSize());
            offsets.add(position);
        }
        return header;
    }

    private static void writeData(OutputStream output, MemorySegment data, byte[] buffer) throws IOException {
        for (long from = 0; from < data.byteSize(); from += buffer.length) {
            int length = (int) Math.min(buffer.length, data.byteSize() - from);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, from, buffer, 0, length);
            output.write(buffer, 0, length);
        }
    }
}
