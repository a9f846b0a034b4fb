package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// The order of a head's rows in the query and key projections.
///
/// Rotary positions rotate pairs of numbers. Hugging Face pairs a number with the number half a head away; some
/// architectures of llama.cpp pair neighbours. The layouts differ only in the order of the projections' rows.
public final class HeadRows {

    private HeadRows() {}

    /// Maps a row in the order of neighbouring pairs to its row in the half-split order.
    private static long halvesRow(long neighbour, int headDim) {
        long head = neighbour / headDim;
        long inHead = neighbour % headDim;
        return head * headDim + inHead / 2 + inHead % 2 * (headDim / 2);
    }

    /// Reorders rows from neighbouring pairs to the half-split order of a checkpoint.
    ///
    /// @param tensor a matrix, or a vector with one number per row; its rows are those of one or more heads
    /// @param headDim rows of a head
    /// @param arena the arena of the copy
    /// @return a copy in half-split order
    public static StoredTensor toHalves(StoredTensor tensor, int headDim, Arena arena) {
        return reordered(tensor, headDim, true, arena);
    }

    /// Reorders rows from the half-split order to llama.cpp's neighbouring pairs.
    ///
    /// @param tensor a matrix, or a vector with one number per row; its rows are those of one or more heads
    /// @param headDim rows of a head
    /// @param arena the arena of the copy
    /// @return a copy in the order of neighbouring pairs
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

    /// Explains why rows cannot be reordered.
    ///
    /// @param shape the shape of a projection
    /// @param headDim rows of a head
    /// @return a message; empty if the rows form whole heads
    public static Optional<String> obstacle(List<Long> shape, int headDim) {
        return headDim >= 2 && headDim % 2 == 0 && shape.getFirst() % headDim == 0
                ? Optional.empty()
                : Optional.of("its rows must form heads of width " + headDim + ", got " + shape);
    }
}
