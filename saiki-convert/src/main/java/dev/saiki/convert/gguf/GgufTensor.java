package dev.saiki.convert.gguf;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// A tensor of a GGUF file, as a view of the mapped file.
///
/// @param name the tensor's name
/// @param type the tensor's number format
/// @param shape dimensions, outermost first; the last is a multiple of the format's block size
/// @param data exactly the tensor's bytes
public record GgufTensor(String name, GgufType type, List<Long> shape, MemorySegment data) {

    /// Copies the shape.
    public GgufTensor {
        shape = List.copyOf(shape);
    }

    /// Counts the numbers.
    ///
    /// @return product of the shape
    public long elementCount() {
        return data.byteSize() / type.blockBytes() * type.blockSize();
    }
}
