package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.safetensors.BFloat16;
import dev.saiki.engine.settings.CacheFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PageKernelsTest {

    private static final int SLOTS = 13;
    private static final int QUERIES = 8;
    private static final long OFFSET = 6;

    static Stream<Arguments> shapes() {
        return Stream.of(CacheFormat.FLOAT32, CacheFormat.BFLOAT16)
                .flatMap(format -> Stream.of(2, 10, 16, 64, 72, 80, 128, 256).map(dim -> Arguments.of(format, dim)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void scoresAreProductsOfQueriesAndKeys(CacheFormat format, int dim) {
        MemorySegment page = page(format, dim);
        float[] query = RowKernelsTest.gaussian(QUERIES * dim + 5, 1);
        float[] scores = scores(query, 0, QUERIES, page, 0, SLOTS, format, dim);
        for (int q = 0; q < QUERIES; q++) {
            for (int slot = 0; slot < SLOTS; slot++) {
                double sum = 0;
                for (int i = 0; i < dim; i++) {
                    sum += (double) query[5 + q * dim + i] * number(page, format, slot * dim + i);
                }
                assertThat((double) scores[3 + q * 20 + slot]).isCloseTo(sum, within(1e-5 * dim));
            }
            assertThat(scores[3 + q * 20 + SLOTS]).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aScoreStandsAlone(CacheFormat format, int dim) {
        MemorySegment page = page(format, dim);
        float[] query = RowKernelsTest.gaussian(QUERIES * dim + 5, 1);
        float[] together = scores(query, 0, QUERIES, page, 0, SLOTS, format, dim);
        for (int q = 0; q < QUERIES; q++) {
            for (int slot = 0; slot < SLOTS; slot++) {
                float[] alone = scores(query, q, 1, page, slot, 1, format, dim);
                assertThat(alone[3]).isEqualTo(together[3 + q * 20 + slot]);
            }
        }
    }

    private static float[] scores(
            float[] query,
            int first,
            int queries,
            MemorySegment page,
            int slot,
            int slots,
            CacheFormat format,
            int dim) {
        float[] scores = new float[3 + QUERIES * 20];
        long offset = OFFSET + (long) slot * dim * format.bytes();
        PageKernels.Slots keys = new PageKernels.Slots(page, offset, format, slots, dim);
        PageKernels.scores(query, 5 + first * dim, queries, keys, scores, 3, 20);
        return scores;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void outputsAreWeightedSums(CacheFormat format, int dim) {
        MemorySegment page = page(format, dim);
        float[] weights = RowKernelsTest.gaussian(2 + QUERIES * 20, 3);
        float[] output = RowKernelsTest.gaussian(QUERIES * dim + 2, 4);
        float[] before = output.clone();
        PageKernels.Slots values = new PageKernels.Slots(page, OFFSET, format, SLOTS, dim);
        for (int q = 0; q < QUERIES; q++) {
            PageKernels.addWeighted(weights, 2 + q * 20, values, output, 1 + q * dim);
            for (int i = 0; i < dim; i++) {
                float sum = before[1 + q * dim + i];
                for (int slot = 0; slot < SLOTS; slot++) {
                    sum = Math.fma(weights[2 + q * 20 + slot], number(page, format, slot * dim + i), sum);
                }
                assertThat(output[1 + q * dim + i]).isEqualTo(sum);
            }
        }
        assertThat(output[0]).isEqualTo(before[0]);
        assertThat(output[QUERIES * dim + 1]).isEqualTo(before[QUERIES * dim + 1]);
    }

    private static MemorySegment page(CacheFormat format, int dim) {
        MemorySegment page = Arena.ofAuto().allocate(OFFSET + (long) SLOTS * dim * format.bytes());
        float[] rows = RowKernelsTest.gaussian(SLOTS * dim + 1, 2);
        for (int slot = 0; slot < SLOTS; slot++) {
            PageKernels.store(rows, 1 + slot * dim, dim, page, OFFSET + (long) slot * dim * format.bytes(), format);
        }
        for (int i = 0; i < SLOTS * dim; i++) {
            float held = format == CacheFormat.FLOAT32 ? rows[1 + i] : BFloat16.toFloat(BFloat16.of(rows[1 + i]));
            assertThat(number(page, format, i)).isEqualTo(held);
        }
        return page;
    }

    private static float number(MemorySegment page, CacheFormat format, int index) {
        return switch (format) {
            case FLOAT32 -> page.get(ValueLayout.JAVA_FLOAT_UNALIGNED, OFFSET + 4L * index);
            case BFLOAT16 -> BFloat16.toFloat(page.get(ValueLayout.JAVA_SHORT_UNALIGNED, OFFSET + 2L * index));
            case INT8 -> throw new IllegalArgumentException("the kernels in Java do not read " + format);
        };
    }
}
