package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.safetensors.BFloat16;
import dev.saiki.engine.settings.CacheFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageAttentionTest {

    private static final int NO_WINDOW = 300;
    private static final int FROM = 5;

    /// Formats, queries for a key-value head, widths of heads, and lengths of runs.
    static Stream<Arguments> shapes() {
        int[][] runs = {{1}, {3}, {4, 4}, {16, 16, 5}, {1, 2, 3, 64, 100}, {7, 300 - 7}};
        int[][] heads = {{1, 16}, {2, 32}, {3, 64}, {4, 48}, {5, 128}, {9, 80}, {3, 20}, {1, 256}};
        return Arrays.stream(CacheFormat.values())
                .flatMap(format -> Arrays.stream(heads)
                        .flatMap(head -> Arrays.stream(runs).map(run -> Arguments.of(format, head[0], head[1], run))));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void itIsTheWeightedMeanOfTheValues(CacheFormat format, int queries, int dim, int[] runs) {
        assumeTrue(format != CacheFormat.INT8 || NativeKernels.find().isPresent());
        Case of = new Case(format, queries, dim, runs, 1);
        float[] attended = of.attend(NativeKernels.find());
        for (int q = 0; q < queries; q++) {
            of.requireClose(attended, queries, q);
        }
        assertThat(Arrays.copyOf(attended, FROM)).containsOnly(-1);
        assertThat(attended[attended.length - 1]).isEqualTo(-1);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theKernelsInCGiveTheBitsOfThoseInJava(CacheFormat format, int queries, int dim, int[] runs) {
        assumeTrue(format != CacheFormat.INT8 && NativeKernels.find().isPresent());
        Case of = new Case(format, queries, dim, runs, 2);
        assertThat(of.attend(NativeKernels.load(false))).isEqualTo(of.attend(Optional.empty()));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void scoresAreBoundedBeforeTheyBecomeWeights(CacheFormat format, int queries, int dim, int[] runs) {
        assumeTrue(format != CacheFormat.INT8 || NativeKernels.find().isPresent());
        Case of = new Case(format, queries, dim, runs, 8, OptionalDouble.of(0.7));
        float[] attended = of.attend(NativeKernels.find());
        for (int q = 0; q < queries; q++) {
            of.requireClose(attended, queries, q);
        }
        if (format != CacheFormat.INT8) {
            assertThat(of.attend(Optional.empty())).isEqualTo(attended);
        }
    }

    /// Queries for a key-value head, widths of heads, lengths of runs, and the window.
    static Stream<Arguments> windows() {
        return shapes().map(Arguments::get)
                .filter(shape -> shape[0] == CacheFormat.BFLOAT16)
                .flatMap(shape -> IntStream.of(NO_WINDOW, 70, 3)
                        .mapToObj(window -> Arguments.of(shape[1], shape[2], shape[3], window)));
    }

    @ParameterizedTest
    @MethodSource("windows")
    void rowsTogetherHaveTheBitsOfEachAlone(int queries, int dim, int[] runs, int window) {
        assumeTrue(isInTiles(queries, dim));
        int slots = Arrays.stream(runs).sum();
        int count = Math.min(
                slots,
                new PageAttention(queries, dim, 1 / Math.sqrt(dim), OptionalDouble.empty())
                        .rowsAtOnce(CacheFormat.BFLOAT16));
        Case of = new Case(CacheFormat.BFLOAT16, count * queries, dim, runs, 5);
        int[] seen = new int[2 * count];
        for (int row = 0; row < count; row++) {
            int end = slots - count + 1 + row;
            seen[2 * row] = Math.max(0, end - window);
            seen[2 * row + 1] = end;
        }
        float[] together = of.attend(inTiles(), queries, FROM, seen);
        for (int row = 0; row < count; row++) {
            int from = FROM + row * queries * dim;
            int[] ofRow = Arrays.copyOfRange(seen, 2 * row, 2 * row + 2);
            float[] alone = of.attend(inTiles(), queries, from, ofRow);
            assertThat(Arrays.copyOfRange(together, from, from + queries * dim))
                    .isEqualTo(Arrays.copyOfRange(alone, from, from + queries * dim));
            for (int q = row * queries; q < (row + 1) * queries; q++) {
                of.requireClose(together, queries, q, ofRow[0], ofRow[1]);
            }
        }
    }

    @Test
    void aValueThatOnlyTheNextRowSeesLeavesARowAlone() {
        assumeTrue(inTiles().isPresent());
        Case of = new Case(CacheFormat.BFLOAT16, 6, 64, new int[] {20}, 6);
        float[] before = of.attend(inTiles(), 3, FROM, new int[] {0, 19, 0, 20});
        of.pages[0].set(ValueLayout.JAVA_SHORT, (20 + 19) * 64L * Short.BYTES, BFloat16.of(Float.POSITIVE_INFINITY));
        float[] after = of.attend(inTiles(), 3, FROM, new int[] {0, 19, 0, 20});
        int second = FROM + 3 * 64;
        assertThat(Arrays.copyOf(after, second)).isEqualTo(Arrays.copyOf(before, second));
        assertThat(after[second]).isInfinite();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void partsAddUpToTheAttentionToAllKeys(CacheFormat format, int queries, int dim, int[] runs) {
        assumeTrue(format != CacheFormat.INT8 || NativeKernels.find().isPresent());
        Case of = new Case(format, queries, dim, runs, 7);
        PageAttention attention = new PageAttention(queries, dim, 1 / Math.sqrt(dim), OptionalDouble.empty());
        AttentionPart whole = attention.part(1);
        for (int run = 0; run < runs.length; run++) {
            whole.add(attention.part(1));
            whole.add(of.part(attention, run));
        }
        float[] attended = new float[of.rows.length];
        whole.copyTo(0, queries, attended, FROM);
        for (int q = 0; q < queries; q++) {
            of.requireClose(attended, queries, q);
        }
    }

    private static boolean isInTiles(int queries, int dim) {
        return new PageAttention(queries, dim, 1 / Math.sqrt(dim), OptionalDouble.empty())
                        .alignment(CacheFormat.BFLOAT16)
                > 1;
    }

    private static Optional<NativeKernels> inTiles() {
        return NativeKernels.load(true).filter(natives -> natives.multiplies(Packing.BFLOAT16_TILES));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 20, 64, 100})
    void eightBitsHoldEachNumberToWithinHalfAStep(int dim) {
        assumeTrue(NativeKernels.find().isPresent());
        float[] numbers = RowKernelsTest.gaussian(dim + 3, dim);
        MemorySegment slot = Arena.ofAuto().allocate(CacheFormat.INT8.slotBytes(dim) + 1);
        PageKernels.store(numbers, 3, dim, slot, 0, CacheFormat.INT8);
        float step = slot.get(ValueLayout.JAVA_FLOAT, 0);
        float largest = 0;
        for (int i = 0; i < dim; i++) {
            largest = Math.max(largest, Math.abs(numbers[3 + i]));
            float held = step * slot.get(ValueLayout.JAVA_BYTE, Float.BYTES + i);
            assertThat(held).isCloseTo(numbers[3 + i], within(0.501f * step));
        }
        assertThat(step).isEqualTo(largest / 127);
        assertThat(slot.get(ValueLayout.JAVA_BYTE, slot.byteSize() - 1)).isZero();
        numbers[3] = Float.NaN;
        PageKernels.store(numbers, 3, dim, slot, 0, CacheFormat.INT8);
        assertThat(slot.get(ValueLayout.JAVA_FLOAT, 0)).isNaN();
    }

    @Test
    void aKeyThatIsNotANumberShowsInTheResultOfItsRow() {
        Case of = new Case(CacheFormat.FLOAT32, 2, 64, new int[] {20}, 3);
        of.pages[0].set(ValueLayout.JAVA_FLOAT, 17L * 64 * Float.BYTES, Float.NaN);
        for (Optional<NativeKernels> kernels : WeightMatrixTest.kernels()) {
            float[] attended = of.attend(kernels);
            for (int i = FROM; i < FROM + 2 * 64; i++) {
                assertThat(attended[i]).isNaN();
            }
        }
    }

    @Test
    void moreKeysThanThereIsRoomForAreRefused() {
        Case of = new Case(CacheFormat.FLOAT32, 1, 16, new int[] {2_047, 2}, 4);
        assertThatThrownBy(() -> of.attend(NativeKernels.find()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2049 keys must be at most 2048");
    }

    /// Random queries, keys and values; each page holds the keys of a run, then its values.
    private static final class Case {

        private final CacheFormat format;
        private final int queries;
        private final int dim;
        private final int[] runs;
        private final float[] rows;
        private final MemorySegment[] pages;
        private final OptionalDouble cap;

        Case(CacheFormat format, int queries, int dim, int[] runs, long seed) {
            this(format, queries, dim, runs, seed, OptionalDouble.empty());
        }

        Case(CacheFormat format, int queries, int dim, int[] runs, long seed, OptionalDouble cap) {
            this.cap = cap;
            Random random = new Random(seed);
            this.format = format;
            this.queries = queries;
            this.dim = dim;
            this.runs = runs;
            this.rows = gaussian(FROM + queries * dim + 1, random);
            this.pages = new MemorySegment[runs.length];
            for (int run = 0; run < runs.length; run++) {
                pages[run] = Arena.ofAuto().allocate(2L * runs[run] * format.slotBytes(dim), 64);
                float[] numbers = gaussian(2 * runs[run] * dim, random);
                for (int slot = 0; slot < 2 * runs[run]; slot++) {
                    PageKernels.store(numbers, slot * dim, dim, pages[run], slot * format.slotBytes(dim), format);
                }
            }
        }

        float[] attend(Optional<NativeKernels> kernels) {
            return attend(
                    kernels, queries, FROM, new int[] {0, Arrays.stream(runs).sum()});
        }

        /// The attention of neighbouring rows.
        float[] attend(Optional<NativeKernels> kernels, int ofRow, int from, int[] seen) {
            PageRuns all = new PageRuns();
            for (int run = 0; run < runs.length; run++) {
                all.add(format, pages[run], 0, runs[run] * format.slotBytes(dim), runs[run]);
            }
            PageAttention attention = new PageAttention(ofRow, dim, 1 / Math.sqrt(dim), cap, kernels);
            AttentionPart part = attention.part(seen.length / 2 + 2);
            attention.attend(all, new PageAttention.Queries(rows, from, ofRow * dim, seen), part, 1);
            float[] attended = new float[rows.length];
            Arrays.fill(attended, -1);
            part.copyTo(ofRow, seen.length / 2 * ofRow, attended, from);
            return attended;
        }

        /// The attention of one row to the keys of a run.
        AttentionPart part(PageAttention attention, int run) {
            PageRuns only = new PageRuns();
            only.add(format, pages[run], 0, runs[run] * format.slotBytes(dim), runs[run]);
            AttentionPart part = attention.part(1);
            attention.attend(
                    only, new PageAttention.Queries(rows, FROM, queries * dim, new int[] {0, runs[run]}), part, 0);
            return part;
        }

        void requireClose(float[] attended, int ofRow, int query) {
            requireClose(attended, ofRow, query, 0, Arrays.stream(runs).sum());
        }

        void requireClose(float[] attended, int ofRow, int query, int first, int end) {
            boolean isRounded = format == CacheFormat.BFLOAT16 && cap.isEmpty() && isInTiles(ofRow, dim);
            double[] expected = expected(query, isRounded, first, end);
            for (int i = 0; i < dim; i++) {
                assertThat((double) attended[FROM + query * dim + i])
                        .isCloseTo(expected[i], within(isRounded ? 5e-3 : 2e-5));
            }
        }

        private double[] expected(int query, boolean isRounded, int first, int end) {
            double[] sums = new double[dim];
            double all = 0;
            int index = 0;
            for (int run = 0; run < runs.length; run++) {
                for (int slot = 0; slot < runs[run]; slot++, index++) {
                    if (index < first || index >= end) {
                        continue;
                    }
                    double score = 0;
                    for (int i = 0; i < dim; i++) {
                        float number = rows[FROM + query * dim + i];
                        score += (isRounded ? BFloat16.toFloat(BFloat16.of(number)) : number) * number(run, slot, i);
                    }
                    score /= Math.sqrt(dim);
                    double weight = Math.exp(
                            cap.isPresent() ? cap.getAsDouble() * Math.tanh(score / cap.getAsDouble()) : score);
                    all += weight;
                    for (int i = 0; i < dim; i++) {
                        sums[i] += weight * number(run, runs[run] + slot, i);
                    }
                }
            }
            double total = all;
            return Arrays.stream(sums).map(sum -> sum / total).toArray();
        }

        private float number(int run, int slot, int i) {
            long first = slot * format.slotBytes(dim);
            long at = first + (long) i * format.bytes();
            return switch (format) {
                case FLOAT32 -> pages[run].get(ValueLayout.JAVA_FLOAT, at);
                case BFLOAT16 -> BFloat16.toFloat(pages[run].get(ValueLayout.JAVA_SHORT, at));
                case INT8 ->
                    pages[run].get(ValueLayout.JAVA_FLOAT_UNALIGNED, first)
                            * pages[run].get(ValueLayout.JAVA_BYTE, at + Float.BYTES);
            };
        }

        private static float[] gaussian(int count, Random random) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return values;
        }
    }
}
