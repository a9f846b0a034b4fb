package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.safetensors.BFloat16;
import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightMatrixTest {

    private static final int MAX_ROWS = 40;
    private static final WeightMemory MEMORY = new WeightMemory();
    private static final WorkerPool ALONE = WorkerPool.of(1);
    private static final WorkerPool PAIR = WorkerPool.of(2);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    @AfterAll
    static void close() {
        ALONE.close();
        PAIR.close();
    }

    /// The kernels in Java, and those in C that this machine can use.
    static List<Optional<NativeKernels>> kernels() {
        Optional<NativeKernels> found = NativeKernels.find();
        boolean usesTiles = found.filter(natives -> natives.multiplies(Packing.BFLOAT16_TILES))
                .isPresent();
        return Stream.of(Optional.<NativeKernels>empty(), found, usesTiles ? NativeKernels.load(false) : found)
                .distinct()
                .toList();
    }

    @Test
    void theKernelsInCAreUsedWhereTheyWereBuiltAndTheProcessorHasTheirInstructions() throws IOException {
        assumeTrue(
                NativeKernels.class.getResource("libsaiki-kernels-linux-x86_64.so") != null, "there was no compiler");
        Path processor = Path.of("/proc/cpuinfo");
        assumeTrue(Lanes.COUNT == 16 && Files.isReadable(processor), "vectors of 512 bits on Linux");
        List<String> flags = List.of(Files.readString(processor).split("\\s+"));
        assertThat(WeightMatrices.kernels(WeightFormat.BFLOAT16) == Kernels.C).isEqualTo(flags.contains("avx512_bf16"));
        assertThat(WeightMatrices.kernels(WeightFormat.INT4) == Kernels.C).isEqualTo(flags.contains("avx512_vnni"));
    }

    /// The formats for each of the kernels.
    static Stream<Arguments> formats() {
        return Arrays.stream(WeightFormat.values())
                .flatMap(format -> kernels().stream().map(kernels -> Arguments.of(format, kernels)));
    }

    /// Numbers of inputs around the vector length and the padding unit, and numbers of outputs around bands and
    /// parts.
    static Stream<Arguments> shapes() {
        int[][] shapes = {{1, 1}, {7, 3}, {64, 4}, {65, 33}, {96, 66}, {960, 37}, {1024, 8}, {1088, 9}, {2560, 13}};
        return formats()
                .map(Arguments::get)
                .flatMap(choice ->
                        Arrays.stream(shapes).map(shape -> Arguments.of(choice[0], choice[1], shape[0], shape[1])));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aRowsProductsAreTheSameBitsAmongAnyNumberOfRows(
            WeightFormat format, Optional<NativeKernels> kernels, int inputs, int outputs) {
        WeightMatrix matrix = WeightMatrices.of(List.of(random(inputs, outputs, 1)), format, MEMORY, kernels);
        float[] rows = gaussian(MAX_ROWS * inputs, 2);
        float[][] alone = new float[MAX_ROWS][outputs];
        for (int row = 0; row < MAX_ROWS; row++) {
            float[] input = Arrays.copyOfRange(rows, row * inputs, (row + 1) * inputs);
            matrix.multiply(input, 1, alone[row], ALONE);
        }
        for (int count = 1; count <= MAX_ROWS; count++) {
            float[] products = new float[count * outputs];
            matrix.multiply(rows, count, products, count % 2 == 0 ? PAIR : ALONE);
            for (int row = 0; row < count; row++) {
                assertThat(Arrays.copyOfRange(products, row * outputs, (row + 1) * outputs))
                        .as("row %d of %d", row, count)
                        .isEqualTo(alone[row]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void productsAreTheRoundedSums(WeightFormat format, Optional<NativeKernels> kernels, int inputs, int outputs) {
        StoredTensor tensor = random(inputs, outputs, 3);
        float[] weights = held(tensor, format, kernels.isPresent());
        WeightMatrix matrix = WeightMatrices.of(List.of(tensor), format, MEMORY, kernels);
        int count = 13;
        float[] rows = gaussian(count * inputs, 4);
        float[] products = new float[count * outputs];
        matrix.multiply(rows, count, products, PAIR);
        float[] read = kernels.isPresent() ? inFewBits(rows, inputs, format) : rows;
        for (int row = 0; row < count; row++) {
            for (int output = 0; output < outputs; output++) {
                double sum = 0;
                double size = 0;
                for (int i = 0; i < inputs; i++) {
                    double term = read[row * inputs + i] * weights[output * inputs + i];
                    sum += term;
                    size += Math.abs(term);
                }
                assertThat((double) products[row * outputs + output]).isCloseTo(sum, within(size * 4e-7 + 1e-30));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 13, 70})
    void productsInFloat32AreTheSameBitsInBothKernels(int count) {
        assumeTrue(NativeKernels.find().isPresent());
        int inputs = 100;
        int outputs = 70;
        StoredTensor tensor = random(inputs, outputs, 5);
        float[] rows = gaussian(count * inputs, 6);
        float[] inJava = new float[count * outputs];
        float[] inC = new float[count * outputs];
        WeightMatrices.of(List.of(tensor), WeightFormat.FLOAT32, MEMORY, Optional.empty())
                .multiply(rows, count, inJava, PAIR);
        WeightMatrices.of(List.of(tensor), WeightFormat.FLOAT32, MEMORY, NativeKernels.find())
                .multiply(rows, count, inC, PAIR);
        assertThat(inC).isEqualTo(inJava);
    }

    /// Rows as the kernels in C read them: in eight bits, with a scale for each 32 numbers, if weights have eight
    /// or four.
    private static float[] inFewBits(float[] rows, int inputs, WeightFormat format) {
        float[] read = rows.clone();
        for (int i = 0; i < rows.length; i++) {
            int from = i - i % inputs % 32;
            float largest = 0;
            for (int j = from; j < Math.min(from + 32, i - i % inputs + inputs); j++) {
                largest = Math.max(largest, Math.abs(rows[j]));
            }
            read[i] = switch (format) {
                case FLOAT32 -> rows[i];
                case BFLOAT16 -> BFloat16.toFloat(BFloat16.of(rows[i]));
                case INT8, INT6, INT4 -> (float) Math.rint(rows[i] * (127 / largest)) * (largest / 127);
            };
        }
        return read;
    }

    /// The weights after they were stored in a format; the kernels in Java store few bits in bfloat16.
    private static float[] held(StoredTensor tensor, WeightFormat format, boolean inC) {
        float[] weights = tensor.toFloats();
        int inputs = Math.toIntExact(tensor.shape().getLast());
        if (format.blocks().isPresent()) {
            StoredType type = format.blocks().orElseThrow();
            for (int from = 0; from < weights.length; from += inputs) {
                System.arraycopy(
                        inBlocks(Arrays.copyOfRange(weights, from, from + inputs), type), 0, weights, from, inputs);
            }
        }
        if (format != WeightFormat.FLOAT32 && !(inC && format != WeightFormat.BFLOAT16)) {
            for (int i = 0; i < weights.length; i++) {
                weights[i] = BFloat16.toFloat(BFloat16.of(weights[i]));
            }
        }
        return weights;
    }

    private static float[] inBlocks(float[] row, StoredType type) {
        float[] padded = Arrays.copyOf(row, Math.ceilDiv(row.length, type.blockSize()) * type.blockSize());
        byte[] memory = new byte[BlockEncoder.of(type).bytes(padded.length)];
        BlockEncoder.of(type)
                .encode(padded, padded.length, ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN));
        return new StoredTensor("row", type, List.of((long) padded.length), MemorySegment.ofArray(memory)).toFloats();
    }

    /// The formats whose blocks are held as they are stored, for each of the kernels.
    static Stream<Arguments> blocks() {
        return Arrays.stream(StoredType.values())
                .filter(Packing::holds)
                .flatMap(type -> kernels().stream().map(kernels -> Arguments.of(type, kernels)));
    }

    /// A matrix with random blocks: any integers, scales and minima, and units around 1/100.
    private static StoredTensor randomBlocks(StoredType type, int inputs, int outputs, long seed) {
        byte[] memory = new byte[Math.toIntExact(StoredTensor.byteCount(type, List.of((long) outputs, (long) inputs)))];
        Random random = new Random(seed);
        random.nextBytes(memory);
        ByteBuffer blocks = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < memory.length; at += type.blockBytes()) {
            for (int unit : units(type)) {
                blocks.putShort(at + unit, Float.floatToFloat16((float) random.nextGaussian() / 100));
            }
        }
        return new StoredTensor("w", type, List.of((long) outputs, (long) inputs), MemorySegment.ofArray(memory));
    }

    /// The places of float16 numbers in a block.
    private static List<Integer> units(StoredType type) {
        return switch (type) {
            case Q4_K, Q5_K -> List.of(0, 2);
            case Q6_K -> List.of(208);
            default -> List.of(0);
        };
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void blocksAreHeldAsTheyAreStored(StoredType type, Optional<NativeKernels> kernels) {
        int inputs = Math.max(96, 2 * type.blockSize());
        int outputs = 37;
        StoredTensor tensor = randomBlocks(type, inputs, outputs, 11);
        WeightMatrix matrix = WeightMatrices.of(List.of(tensor), WeightFormat.INT4, MEMORY, kernels);
        float[] weights = tensor.toFloats();
        float[] products = new float[outputs];
        for (int input = 0; input < inputs; input++) {
            float[] row = new float[inputs];
            row[input] = 1;
            matrix.multiply(row, 1, products, ALONE);
            for (int output = 0; output < outputs; output++) {
                float stored = weights[output * inputs + input];
                float wanted = kernels.isPresent() ? stored : BFloat16.toFloat(BFloat16.of(stored));
                // Where there are minima, the number is a difference of two larger ones.
                assertThat(products[output]).isCloseTo(wanted, within(Math.abs(wanted) * 4e-7f + 2e-6f));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void productsWithBlocksAreTheSameSumsAloneAndInCompany(StoredType type, Optional<NativeKernels> kernels) {
        int inputs = Math.max(96, 3 * type.blockSize());
        int outputs = 70;
        StoredTensor tensor = randomBlocks(type, inputs, outputs, 12);
        WeightMatrix matrix = WeightMatrices.of(List.of(tensor), WeightFormat.INT4, MEMORY, kernels);
        float[] weights = tensor.toFloats();
        if (kernels.isEmpty()) {
            for (int i = 0; i < weights.length; i++) {
                weights[i] = BFloat16.toFloat(BFloat16.of(weights[i]));
            }
        }
        float[] rows = gaussian(MAX_ROWS * inputs, 13);
        float[] read = kernels.isPresent() ? inFewBits(rows, inputs, WeightFormat.INT4) : rows;
        float[][] alone = new float[MAX_ROWS][outputs];
        for (int row = 0; row < MAX_ROWS; row++) {
            matrix.multiply(Arrays.copyOfRange(rows, row * inputs, (row + 1) * inputs), 1, alone[row], ALONE);
            for (int output = 0; output < outputs; output++) {
                double sum = 0;
                double size = 0;
                for (int i = 0; i < inputs; i++) {
                    double term = (double) read[row * inputs + i] * weights[output * inputs + i];
                    sum += term;
                    size += Math.abs(term);
                }
                assertThat((double) alone[row][output]).isCloseTo(sum, within(size * 2e-6));
            }
        }
        for (int count = 1; count <= MAX_ROWS; count++) {
            float[] products = new float[count * outputs];
            matrix.multiply(rows, count, products, count % 2 == 0 ? PAIR : ALONE);
            for (int row = 0; row < count; row++) {
                assertThat(Arrays.copyOfRange(products, row * outputs, (row + 1) * outputs))
                        .isEqualTo(alone[row]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void blocksOfSeveralFormatsInOneMatrixAreHeldInEightBits(Optional<NativeKernels> kernels) {
        StoredTensor fine = randomBlocks(StoredType.Q8_0, 256, 3, 14);
        StoredTensor coarse = randomBlocks(StoredType.Q4_K, 256, 2, 15);
        WeightMatrix both = WeightMatrices.of(List.of(fine, coarse), WeightFormat.INT4, MEMORY, kernels);
        WeightMatrix first = WeightMatrices.of(List.of(fine), WeightFormat.INT4, MEMORY, kernels);
        float[] row = gaussian(256, 16);
        float[] products = new float[5];
        float[] wanted = new float[3];
        both.multiply(row, 1, products, ALONE);
        first.multiply(row, 1, wanted, ALONE);
        assertThat(Arrays.copyOf(products, 3)).isEqualTo(wanted);
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void scalesThatAreNotFiniteAreRefused(StoredType type, Optional<NativeKernels> kernels) {
        for (int unit : units(type)) {
            StoredTensor tensor = randomBlocks(type, type.blockSize(), 2, 17);
            tensor.data().set(SHORT, type.blockBytes() + unit, Float.floatToFloat16(Float.POSITIVE_INFINITY));
            assertThatThrownBy(() -> WeightMatrices.of(List.of(tensor), WeightFormat.INT4, MEMORY, kernels))
                    .isInstanceOf(InputException.class)
                    .hasMessageContainingAll("w, row 1", "scale", "not finite");
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void manyRowsThatDoNotFitTheCacheAtOnce(WeightFormat format, Optional<NativeKernels> kernels) {
        int inputs = 72;
        int outputs = 6;
        WeightMatrix matrix = WeightMatrices.of(List.of(random(inputs, outputs, 5)), format, MEMORY, kernels);
        int count = 131;
        float[] rows = gaussian(count * inputs, 6);
        float[] products = new float[count * outputs];
        matrix.multiply(rows, count, products, PAIR);
        float[] one = new float[outputs];
        for (int row = 0; row < count; row++) {
            matrix.multiply(Arrays.copyOfRange(rows, row * inputs, (row + 1) * inputs), 1, one, ALONE);
            assertThat(Arrays.copyOfRange(products, row * outputs, (row + 1) * outputs))
                    .isEqualTo(one);
        }
    }

    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void stackedTensorsAreOneAfterTheOther(WeightFormat format) {
        StoredTensor first = random(96, 5, 7);
        StoredTensor second = random(96, 9, 8);
        WeightMatrix both = WeightMatrices.of(List.of(first, second), format, MEMORY);
        float[] rows = gaussian(2 * 96, 9);
        float[] stacked = new float[2 * 14];
        both.multiply(rows, 2, stacked, ALONE);
        assertThat(both.outputs()).isEqualTo(14);
        assertThat(both.inputs()).isEqualTo(96);
        float[] apart = new float[2 * 5];
        WeightMatrices.of(List.of(first), format, MEMORY).multiply(rows, 2, apart, ALONE);
        assertThat(Arrays.copyOfRange(stacked, 14, 19)).isEqualTo(Arrays.copyOfRange(apart, 5, 10));
        apart = new float[2 * 9];
        WeightMatrices.of(List.of(second), format, MEMORY).multiply(rows, 2, apart, ALONE);
        assertThat(Arrays.copyOfRange(stacked, 19, 28)).isEqualTo(Arrays.copyOfRange(apart, 9, 18));
    }

    @Test
    void halvesAndUnalignedMemoryAreRead() {
        float[] values = {1, -2.5f, 0.125f, 3, 0, 65504};
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2 * values.length + 1).asSlice(1);
            for (int i = 0; i < values.length; i++) {
                memory.set(SHORT, 2L * i, Float.floatToFloat16(values[i]));
            }
            StoredTensor tensor = new StoredTensor("w", StoredType.F16, List.of(2L, 3L), memory);
            float[] products = new float[2];
            WeightMatrices.of(List.of(tensor), WeightFormat.FLOAT32, MEMORY)
                    .multiply(new float[] {1, 1, 1}, 1, products, ALONE);
            assertThat(products).containsExactly(1 - 2.5f + 0.125f, 65507);
        }
    }

    @Test
    void bFloat16TensorsAreHeldExactly() {
        float[] values = {1, -2.5f, 0.125f, 3, 0, 65536};
        MemorySegment memory = Arena.ofAuto().allocate(2L * values.length);
        for (int i = 0; i < values.length; i++) {
            memory.set(SHORT, 2L * i, BFloat16.of(values[i]));
        }
        StoredTensor tensor = new StoredTensor("w", StoredType.BF16, List.of(2L, 3L), memory);
        float[] products = new float[2];
        WeightMatrices.of(List.of(tensor), WeightFormat.BFLOAT16, MEMORY)
                .multiply(new float[] {1, 1, 1}, 1, products, ALONE);
        assertThat(products).containsExactly(1 - 2.5f + 0.125f, 65539);
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightFormat.class,
            names = {"INT8", "INT4"})
    void weightsThatFewBitsCannotHoldAreRefused(WeightFormat format) {
        StoredTensor tensor = StoredTensor.ofFloats("w", List.of(1L, 2L), new float[] {Float.NaN, 1});
        assertThatThrownBy(() -> WeightMatrices.of(List.of(tensor), format, MEMORY))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("w, row 0")
                .hasMessageContaining("NaN");
    }

    @Test
    void tensorsThatDoNotFitTogetherAreRefused() {
        assertThatThrownBy(() -> WeightMatrices.of(List.of(), WeightFormat.FLOAT32, MEMORY))
                .hasMessageContaining("at least one");
        assertThatThrownBy(() ->
                        WeightMatrices.of(List.of(random(4, 2, 1), random(5, 2, 1)), WeightFormat.FLOAT32, MEMORY))
                .hasMessage("random must have rows of 4 numbers, got [2, 5]");
        StoredTensor vector = StoredTensor.ofFloats("v", List.of(2L), new float[2]);
        assertThatThrownBy(() -> WeightMatrices.of(List.of(vector), WeightFormat.FLOAT32, MEMORY))
                .hasMessage("v must be a matrix that is readable as float32, got F32 [2]");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void arraysThatAreTooShortAreRefused(WeightFormat format, Optional<NativeKernels> kernels) {
        WeightMatrix matrix = WeightMatrices.of(List.of(random(4, 2, 1)), format, MEMORY, kernels);
        assertThatThrownBy(() -> matrix.multiply(new float[7], 2, new float[4], ALONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("do not fit into 7 and 4");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aRowThatIsNotFiniteChangesNoOtherRow(WeightFormat format, Optional<NativeKernels> kernels) {
        WeightMatrix matrix = WeightMatrices.of(List.of(random(64, 70, 16)), format, MEMORY, kernels);
        float[] rows = gaussian(9 * 64, 17);
        float[] expected = new float[9 * 70];
        matrix.multiply(rows, 9, expected, PAIR);
        rows[64 + 5] = Float.NaN;
        rows[2 * 64 + 7] = Float.POSITIVE_INFINITY;
        float[] products = new float[9 * 70];
        matrix.multiply(rows, 9, products, PAIR);
        for (int i = 0; i < products.length; i++) {
            if (i < 70 || i >= 3 * 70) {
                assertThat(products[i]).isEqualTo(expected[i]);
            } else {
                assertThat(products[i]).isNotFinite();
            }
        }
    }

    @Test
    void noRowsAreNoWork() {
        WeightMatrix matrix = WeightMatrices.of(List.of(random(4, 2, 1)), WeightFormat.FLOAT32, MEMORY);
        matrix.multiply(new float[0], 0, new float[0], ALONE);
    }

    @Test
    void memoryIsCounted() {
        StoredTensor tensor = random(128, 32, 1);
        assertThat(WeightMatrices.of(List.of(tensor), WeightFormat.FLOAT32, MEMORY)
                        .bytes())
                .isEqualTo(16384);
        assertThat(WeightMatrices.of(List.of(tensor), WeightFormat.BFLOAT16, MEMORY)
                        .bytes())
                .isEqualTo(8192);
        if (NativeKernels.find().isPresent()) {
            assertThat(WeightMatrices.of(List.of(tensor), WeightFormat.INT8, MEMORY)
                            .bytes())
                    .isEqualTo(4096 + 256);
            assertThat(WeightMatrices.of(List.of(tensor), WeightFormat.INT4, MEMORY)
                            .bytes())
                    .isEqualTo(2048 + 256);
        }
    }

    private static StoredTensor random(int inputs, int outputs, long seed) {
        return StoredTensor.ofFloats(
                "random", List.of((long) outputs, (long) inputs), gaussian(inputs * outputs, seed));
    }

    private static float[] gaussian(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
