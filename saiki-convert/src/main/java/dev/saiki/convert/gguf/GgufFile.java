package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A memory-mapped GGUF file. Opening reads the metadata and the tensor list; tensors are views of the file.
///
/// Every count and length is checked against the remaining bytes of the file before memory is allocated, and
/// tensors must lie one after another. So the file's size bounds the memory and the output. The GGUF readers on
/// Maven Central all include an inference engine, so none is used.
///
/// @param metadata the file's metadata
/// @param tensors the tensors by name, in the order of the file
public record GgufFile(GgufMetadata metadata, SequencedMap<String, StoredTensor> tensors) {

    /// The magic number, read as little-endian.
    static final int MAGIC = 0x46554747;

    static final String ALIGNMENT = "general.alignment";
    static final int USUAL_ALIGNMENT = 32;
    private static final int LARGEST_ALIGNMENT = 1 << 20;
    private static final int MAX_DIMENSIONS = 4;

    /// The minimum number of bytes of a tensor's entry: a name, the number of dimensions, one dimension, a type
    /// and an offset.
    private static final int MIN_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

    private static final int MIN_ENTRY_BYTES = 8 + 4 + 1;

    /// Copies the map in its order.
    public GgufFile {
        tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    }

    /// Opens a file and checks its whole structure.
    ///
    /// @param path the file
    /// @param arena the lifetime of the mapping
    /// @return the content
    /// @throws InputException if the file is missing, truncated, of another version or malformed
    public static GgufFile open(Path path, Arena arena) {
        if (!Files.isRegularFile(path)) {
            throw new InputException(path + (Files.exists(path) ? ": not a regular file" : ": no such file"));
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return parse(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), path.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /// Reads the content of a file.
    ///
    /// @param file the file's bytes
    /// @param where the file's name in messages
    /// @return the content
    /// @throws InputException as {@link #open}
    static GgufFile parse(MemorySegment file, String where) {
        GgufReader reader = new GgufReader(file, where);
        if (file.byteSize() < Integer.BYTES || reader.int32("the magic") != MAGIC) {
            throw new InputException(where + ": import takes a GGUF file, or a Hugging Face folder with config.json and"
                    + " safetensors, and this file is not GGUF; give the folder of a Hugging Face model, and convert"
                    + " other formats with their own tools first");
        }
        int version = reader.int32("the version");
        InputException.require(
                version == 2 || version == 3, where, "the version of GGUF", "2 or 3, little-endian", version);
        int tensorCount = reader.count("the number of tensors", MIN_TENSOR_BYTES);
        int entryCount = reader.count("the number of metadata entries", MIN_ENTRY_BYTES);
        GgufMetadata metadata = metadata(reader, entryCount, where);
        int alignment = metadata.whole(ALIGNMENT).orElse(USUAL_ALIGNMENT);
        if (alignment < 1 || alignment > LARGEST_ALIGNMENT || Integer.bitCount(alignment) != 1) {
            throw InputException.of(where, ALIGNMENT, "a power of two up to " + LARGEST_ALIGNMENT, alignment);
        }
        List<TensorEntry> entries = new ArrayList<>();
        for (int i = 0; i < tensorCount; i++) {
            entries.add(entry(reader, where));
        }
        long start = roundUp(reader.position(), alignment);
        return new GgufFile(metadata, place(entries, file, start, alignment, where));
    }

    private static GgufMetadata metadata(GgufReader reader, int count, String where) {
        SequencedMap<String, GgufValue> values = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = reader.text("a key");
            if (values.put(key, reader.value(key)) != null) {
                throw new InputException(where + ": key " + key + " appears twice");
            }
        }
        return new GgufMetadata(where, values);
    }

    /// The entry of one tensor.
    private record TensorEntry(String name, StoredType type, List<Long> shape, long offset, long bytes) {}

    private static TensorEntry entry(GgufReader reader, String where) {
        String name = reader.text("the name of a tensor");
        int dimensions = reader.int32(name);
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw InputException.of(where, name + ": the number of dimensions", "1 to " + MAX_DIMENSIONS, dimensions);
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            long size = reader.int64(name);
            InputException.require(size >= 1, where, name + ": a size", "at least 1", size);
            shape.addFirst(size);
        }
        int code = reader.int32(name);
        StoredType type = GgufTypes.ofCode(code)
                .orElseThrow(() -> InputException.of(
                        where,
                        name + ": the number format",
                        "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K",
                        GgufTypes.describe(code)));
        return new TensorEntry(name, type, shape, reader.int64(name), bytes(name, type, shape, where));
    }

    private static long bytes(String name, StoredType type, List<Long> shape, String where) {
        InputException.require(
                shape.getLast() % type.blockSize() == 0,
                where,
                name + ": the last dimension",
                "a multiple of " + type.blockSize() + " for " + type,
                shape.getLast());
        try {
            return StoredTensor.byteCount(type, shape);
        } catch (ArithmeticException e) {
            throw new InputException(where + ": " + name + ": sizes " + shape + " are out of range", e);
        }
    }

    /// Places the tensors, which must follow each other without gaps or overlap, as llama.cpp also requires.
    private static SequencedMap<String, StoredTensor> place(
            List<TensorEntry> entries, MemorySegment file, long start, int alignment, String where) {
        SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        long expected = 0;
        for (TensorEntry entry : entries) {
            InputException.require(
                    entry.offset() == expected,
                    where,
                    entry.name() + ": the offset",
                    expected + ", directly after the previous tensor",
                    entry.offset());
            long from = start + expected;
            if (from > file.byteSize() || entry.bytes() > file.byteSize() - from) {
                throw new InputException(where + ": cut off: " + entry.name() + " takes " + entry.bytes()
                        + " bytes from byte " + from + ", but the file has only " + file.byteSize());
            }
            StoredTensor tensor =
                    new StoredTensor(entry.name(), entry.type(), entry.shape(), file.asSlice(from, entry.bytes()));
            if (tensors.put(entry.name(), tensor) != null) {
                throw new InputException(where + ": tensor " + entry.name() + " appears twice");
            }
            expected = roundUp(expected + entry.bytes(), alignment);
        }
        return tensors;
    }

    static long roundUp(long position, int alignment) {
        return (position + alignment - 1) / alignment * alignment;
    }
}
