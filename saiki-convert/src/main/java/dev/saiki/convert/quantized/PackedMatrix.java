package dev.saiki.convert.quantized;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ComputedMatrix;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/// A matrix of four-bit integers, packed in words of 32 bits. A weight is scale · (integer − zero), in the number
/// format of the scales.
///
/// @param name the name of the dequantized matrix
/// @param shape outputs and inputs
/// @param quantization the quantization of the model
/// @param words the integers
/// @param zeros the zeros: a row for each group
/// @param scales the scales: a row for each group
/// @param groups the group of each input; empty if the groups have neighbouring inputs
record PackedMatrix(
        String name,
        List<Long> shape,
        PackedIntegers quantization,
        StoredTensor words,
        StoredTensor zeros,
        StoredTensor scales,
        Optional<StoredTensor> groups)
        implements ComputedMatrix {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public StoredType type() {
        return scales.type();
    }

    @Override
    public float[] numbers(long firstRow, int rows) {
        int inputs = Math.toIntExact(shape.getLast());
        float[] numbers = new float[Math.multiplyExact(rows, inputs)];
        float[] scale = new float[rows];
        int[] zero = new int[rows];
        long current = -1;
        for (int input = 0; input < inputs; input++) {
            long group = group(input);
            if (group != current) {
                scales.copyTo(group * shape.getFirst() + firstRow, scale, 0, rows);
                readZeros(group, firstRow, zero);
                current = group;
            }
            for (int row = 0; row < rows; row++) {
                numbers[row * inputs + input] = (integer(input, firstRow + row) - zero[row]) * scale[row];
            }
        }
        return numbers;
    }

    /// The group of an input, which is not checked.
    long group(long input) {
        return groups.map(tensor -> (long) at(tensor, input)).orElseGet(() -> quantization.usualGroup(input));
    }

    private int integer(long input, long output) {
        WordLayout layout = quantization.layout();
        long columns = words.shape().getLast();
        return switch (layout) {
            case GPTQ ->
                WordLayout.integer(
                        at(words, input / WordLayout.INTEGERS * columns + output), (int) (input % WordLayout.INTEGERS));
            case AWQ ->
                WordLayout.integer(at(words, input * columns + output / WordLayout.INTEGERS), layout.place(output));
        };
    }

    private void readZeros(long group, long firstOutput, int[] target) {
        long columns = zeros.shape().getLast();
        for (int i = 0; i < target.length; i++) {
            long output = firstOutput + i;
            int word = at(zeros, group * columns + output / WordLayout.INTEGERS) + quantization.addedToZeros();
            target[i] = WordLayout.integer(word, quantization.layout().place(output));
        }
    }

    private static int at(StoredTensor integers, long index) {
        return integers.data().get(INT, index * Integer.BYTES);
    }
}
