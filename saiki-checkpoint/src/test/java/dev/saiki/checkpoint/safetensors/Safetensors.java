package dev.saiki.checkpoint.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Safetensors files as bytes, valid and invalid.
final class Safetensors {

    private Safetensors() {}

    static byte[] of(String header, int bodyBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + bodyBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    static byte[] of(List<StoredTensor> tensors) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try {
            SafetensorsWriter.write(output, tensors, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return output.toByteArray();
    }

    /// Creates a tensor of bytes.
    static StoredTensor bytes(String name, byte[] values) {
        return new StoredTensor(name, StoredType.U8, List.of((long) values.length), MemorySegment.ofArray(values));
    }

    /// Creates a tensor of 64-bit integers.
    static StoredTensor longs(String name, long... values) {
        byte[] bytes = new byte[values.length * Long.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
        return new StoredTensor(name, StoredType.I64, List.of((long) values.length), MemorySegment.ofArray(bytes));
    }
}
