package dev.saiki.engine.kernel;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.PackedLinear;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.tensor.TorchRuntime;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A matrix that leaves products of many rows to oneDNN, in bfloat16, where arithmetic and not memory is the
/// limit: it has the processor's bfloat16 instructions, which Java has not.
///
/// Each worker multiplies with its own share of the outputs, on one LibTorch thread; LibTorch's own threads
/// wait for each other by spinning, which costs several times the work when the machine has other things to do.
///
/// Unlike the kernels in Java it is **not row-invariant**: activations are rounded to bfloat16 as soon as there are
/// many
/// rows, so what a row gives depends, in the last bits, on how many others there are. The weights are held twice.
final class ManyRowsMatrix implements WeightMatrix {

    /// Outputs of a share are a multiple of this, a tile of oneDNN's kernels.
    private static final int SHARE_UNIT = 64;

    private final TiledMatrix few;
    private final int fromRows;
    private final List<Share> shares = new ArrayList<>();

    /// Some of the outputs.
    ///
    /// @param first output
    /// @param outputs how many
    /// @param packed their weights
    private record Share(int first, int outputs, PackedLinear packed) {}

    /// Makes a matrix beside one for few rows.
    ///
    /// @param few the same weights
    /// @param rowMajor bfloat16 `[out, in]`
    /// @param fromRows least number of rows that oneDNN multiplies
    /// @param threads into how many shares the outputs are cut
    ManyRowsMatrix(TiledMatrix few, short[] rowMajor, int fromRows, int threads) {
        this.few = few;
        this.fromRows = fromRows;
        int units = Math.ceilDiv(few.outputs(), SHARE_UNIT);
        for (int share = 0; share < threads; share++) {
            int first = units * share / threads * SHARE_UNIT;
            int end = Math.min(few.outputs(), units * (share + 1) / threads * SHARE_UNIT);
            if (first < end) {
                shares.add(new Share(first, end - first, packed(rowMajor, first, end)));
            }
        }
    }

    private PackedLinear packed(short[] rowMajor, int first, int end) {
        MemorySegment rows = MemorySegment.ofArray(rowMajor)
                .asSlice((long) first * inputs() * Short.BYTES, (long) (end - first) * inputs() * Short.BYTES);
        try (TensorScope _ = TensorScope.open()) {
            return new PackedLinear(Tensors.of(rows, DType.BFLOAT16, end - first, inputs()), fromRows);
        }
    }

    @Override
    public int outputs() {
        return few.outputs();
    }

    @Override
    public int inputs() {
        return few.inputs();
    }

    @Override
    public long bytes() {
        return few.bytes();
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, Workers workers) {
        if (count < fromRows) {
            few.multiply(rows, count, products, workers);
            return;
        }
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            MemorySegment numbers = MemorySegment.ofArray(rows).asSlice(0, (long) count * inputs() * Float.BYTES);
            Tensor input = Tensors.of(numbers, DType.FLOAT32, count, inputs()).to(DType.BFLOAT16);
            workers.run(shares.size(), share -> multiply(shares.get(share), input, count, products));
        }
    }

    private void multiply(Share share, Tensor input, int count, float[] products) {
        TorchRuntime.setThreadsOfCaller(1);
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            MemorySegment result =
                    Tensors.segmentOf(share.packed().multiply(input).to(DType.FLOAT32));
            for (int row = 0; row < count; row++) {
                MemorySegment.copy(
                        result,
                        ValueLayout.JAVA_FLOAT,
                        (long) row * share.outputs() * Float.BYTES,
                        products,
                        row * outputs() + share.first(),
                        share.outputs());
            }
        }
    }
}
