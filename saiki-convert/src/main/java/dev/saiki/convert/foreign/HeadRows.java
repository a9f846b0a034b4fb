package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// The order of a head's rows in the projections of queries and keys.
///
/// Rotary positions turn pairs of a head's numbers. Hugging Face pairs a number with the one half a head
/// further on, llama2.c and some architectures of llama.cpp with its neighbour; the rows of the projections
/// differ accordingly, and nothing else does.
public final class HeadRows {

    private HeadRows() {}

    /// The row that stands at a place when neighbours are paired, of those that stand half a head apart.
    private static long halvesRow(long neighbour, int headDim) {
        long head = neighbour / headDim;
        long inHead = neighbour % headDim;
        return head * headDim + inHead / 2 + inHead % 2 * (headDim / 2);
    }

    /// Puts rows of neighbouring pairs half a head apart, as a checkpoint has them.
    ///
    /// @param tensor rows by columns, or one number a row, of one or more heads
    /// @param headDim rows of a head
    /// @param arena where the copy lives
    /// @return a copy of another order
    public static StoredTensor toHalves(StoredTensor tensor, int headDim, Arena arena) {
        return reordered(tensor, headDim, true, arena);
    }

    /// Puts rows half a head apart beside each other, as llama.cpp has them.
    ///
    /// @param tensor rows by columns, or one number a row, of one or more heads
    /// @param headDim rows of a head
    /// @param arena where the copy lives
    /// @return a copy of another order
    public static StoredTensor toNeighbours(StoredTensor tensor, int headDim, Arena arena) {
        return reordered(tensor, headDim, false, arena);
    }

    private static StoredTensor reordered(StoredTensor tensor, int headDim, boolean toHalves, Arena arena) {
        long rows = tensor.shape().getFirst();
        long rowBytes = tensor.data().byteSize() / rows;
        MemorySegment target = arena.allocate(tensor.data().byteSize());
        for (long row = 0; row < rows; row++) {
            long other = halvesRow(row, headDim);
            long from = toHalves ? row : other;
            long to = toHalves ? other : row;
            MemorySegment.copy(tensor.data(), from * rowBytes, target, to * rowBytes, rowBytes);
        }
        return new StoredTensor(tensor.name(), tensor.type(), tensor.shape(), target);
    }

    /// Tells what keeps rows from being reordered.
    ///
    /// @param shape of a projection
    /// @param headDim rows of a head
    /// @return a message; empty if the rows are whole heads
    public static Optional<String> obstacle(List<Long> shape, int headDim) {
        return headDim >= 2 && headDim % 2 == 0 && shape.getFirst() % headDim == 0
                ? Optional.empty()
                : Optional.of("its rows must be heads of " + headDim + ", got " + shape);
    }
}
