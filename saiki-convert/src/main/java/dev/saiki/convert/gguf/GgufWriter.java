package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A writer of GGUF files, version 3. Equal content produces equal bytes.
final class GgufWriter {

    private static final int VERSION = 3;

    /// The content of one tensor, written on demand.
    ///
    /// @param name the tensor's name
    /// @param type the tensor's number format
    /// @param shape sizes, outermost first
    /// @param bytes a writer of exactly the bytes that type and shape require
    record Content(String name, StoredType type, List<Long> shape, AtomicFiles.FileContent bytes) {
        Content {
            shape = List.copyOf(shape);
        }

        long byteCount() {
            return StoredTensor.byteCount(type, shape);
        }
    }

    private final SequencedMap<String, GgufValue> metadata = new LinkedHashMap<>();

    GgufWriter put(String key, String value) {
        metadata.put(key, new GgufValue.Text(value));
        return this;
    }

    GgufWriter put(String key, int value) {
        metadata.put(key, new GgufValue.Whole(value, ValueType.U32));
        return this;
    }

    GgufWriter put(String key, double value) {
        metadata.put(key, new GgufValue.Real(value, ValueType.F32));
        return this;
    }

    GgufWriter put(String key, boolean value) {
        metadata.put(key, new GgufValue.Flag(value));
        return this;
    }

    GgufWriter put(String key, GgufValue value) {
        metadata.put(key, value);
        return this;
    }

    /// Writes or replaces a file atomically.
    void write(Path target, List<Content> tensors) throws IOException {
        AtomicFiles.write(target, output -> write(output, tensors));
    }

    private void write(OutputStream output, List<Content> tensors) throws IOException {
        Counted counted = new Counted(output);
        counted.int32(GgufFile.MAGIC);
        counted.int32(VERSION);
        counted.int64(tensors.size());
        counted.int64(metadata.size());
        for (Map.Entry<String, GgufValue> entry : metadata.entrySet()) {
            counted.text(entry.getKey());
            value(counted, entry.getValue());
        }
        long offset = 0;
        for (Content tensor : tensors) {
            counted.text(tensor.name());
            counted.int32(tensor.shape().size());
            for (long size : tensor.shape().reversed()) {
                counted.int64(size);
            }
            counted.int32(GgufTypes.code(tensor.type()));
            counted.int64(offset);
            offset = GgufFile.roundUp(offset + tensor.byteCount(), GgufFile.USUAL_ALIGNMENT);
        }
        for (Content tensor : tensors) {
            counted.pad();
            long before = counted.position;
            tensor.bytes().writeTo(counted);
            if (counted.position - before != tensor.byteCount()) {
                throw new IllegalStateException(
                        tensor.name() + ": wrote " + (counted.position - before) + " bytes of " + tensor.byteCount());
            }
        }
        counted.pad();
    }

    private static void value(Counted output, GgufValue value) throws IOException {
        switch (value) {
            case GgufValue.Text(String text) -> {
                output.type(ValueType.STRING);
                output.text(text);
            }
            case GgufValue.Whole(long number, ValueType type) -> {
                output.type(type);
                output.whole(number, type);
            }
            case GgufValue.Real(double number, ValueType type) -> {
                output.type(type);
                output.real(number, type);
            }
            case GgufValue.Flag(boolean flag) -> {
                output.type(ValueType.BOOL);
                output.write(flag ? 1 : 0);
            }
            case GgufValue.Texts(List<String> texts) -> {
                output.list(ValueType.STRING, texts.size());
                for (String text : texts) {
                    output.text(text);
                }
            }
            case GgufValue.Wholes(long[] numbers, ValueType type) -> {
                output.list(type, numbers.length);
                for (long number : numbers) {
                    output.whole(number, type);
                }
            }
            case GgufValue.Reals(double[] numbers, ValueType type) -> {
                output.list(type, numbers.length);
                for (double number : numbers) {
                    output.real(number, type);
                }
            }
        }
    }

    /// A stream that counts the bytes written.
    private static final class Counted extends OutputStream {

        private final OutputStream output;
        private final ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private long position;

        Counted(OutputStream output) {
            this.output = output;
        }

        @Override
        public void write(int value) throws IOException {
            output.write(value);
            position++;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            output.write(bytes, from, count);
            position += count;
        }

        void int32(int value) throws IOException {
            buffer.putInt(0, value);
            write(buffer.array(), 0, Integer.BYTES);
        }

        void int64(long value) throws IOException {
            buffer.putLong(0, value);
            write(buffer.array(), 0, Long.BYTES);
        }

        void type(ValueType type) throws IOException {
            int32(type.code());
        }

        void list(ValueType type, int size) throws IOException {
            type(ValueType.ARRAY);
            type(type);
            int64(size);
        }

        void text(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int64(bytes.length);
            write(bytes, 0, bytes.length);
        }

        void whole(long value, ValueType type) throws IOException {
            buffer.putLong(0, value);
            write(buffer.array(), 0, type.minBytes());
        }

        void real(double value, ValueType type) throws IOException {
            if (type == ValueType.F32) {
                int32(Float.floatToRawIntBits((float) value));
            } else {
                int64(Double.doubleToRawLongBits(value));
            }
        }

        void pad() throws IOException {
            while (position % GgufFile.USUAL_ALIGNMENT != 0) {
                write(0);
            }
        }
    }
}
