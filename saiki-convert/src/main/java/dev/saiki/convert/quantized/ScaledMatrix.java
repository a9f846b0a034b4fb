package dev.saiki.convert.quantized;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ComputedMatrix;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A matrix of eight-bit floats: each number is the float · the scale of its block, computed by PyTorch in the
/// scales' number format.
///
/// @param name the name of the dequantized matrix
/// @param block the quantization of the model, which has the size of a block
/// @param floats the floats, F8_E4M3
/// @param scales the scales: a row for each row of blocks
record ScaledMatrix(String name, ScaledBlocks block, StoredTensor floats, StoredTensor scales)
        implements ComputedMatrix {

    private static final int NOT_A_NUMBER = 127;

    @Override
    public StoredType type() {
        return scales.type();
    }

    @Override
    public List<Long> shape() {
        return floats.shape();
    }

    @Override
    public float[] numbers(long firstRow, int rows) {
        int columns = Math.toIntExact(shape().getLast());
        int blocks = Math.toIntExact(scales.shape().getLast());
        float[] numbers = new float[Math.multiplyExact(rows, columns)];
        float[] scale = new float[blocks];
        for (int row = 0; row < rows; row++) {
            long stored = firstRow + row;
            scales.copyTo(stored / block.rows() * blocks, scale, 0, blocks);
            for (int column = 0; column < columns; column++) {
                byte bits = floats.data().get(ValueLayout.JAVA_BYTE, stored * columns + column);
                numbers[row * columns + column] = toFloat(bits) * scale[column / block.columns()];
            }
        }
        return numbers;
    }

    /// Widens a number: a sign, four bits of exponent with bias 7, and three bits of mantissa. There is no
    /// infinity.
    static float toFloat(byte bits) {
        int exponent = (bits >> 3) & 15;
        int mantissa = bits & 7;
        if ((bits & NOT_A_NUMBER) == NOT_A_NUMBER) {
            return Float.NaN;
        }
        float magnitude = exponent == 0 ? Math.scalb((float) mantissa, -9) : Math.scalb(8f + mantissa, exponent - 10);
        return bits < 0 ? -magnitude : magnitude;
    }
}
