package dev.saiki.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Models;
import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.PageLayout;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.cache.VisibleKeys;
import dev.saiki.engine.kernel.PageAttention;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.RouteSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {

    private static final int SHORT = 150;

    /// Some of the rows see three pieces of keys, their neighbours two.
    private static final int LONG = 2 * PageAttention.SLOTS_AT_ONCE + 5;

    private static final int HEADS = 2;
    private static final int QUERIES = 3;
    private static final int DIM = 64;
    private static final int WIDTH = HEADS * QUERIES * DIM;

    private final Random random = new Random(20261202);

    /// Keys and values of tokens at some positions, in one layer; a slot's are `[head][key, value][DIM]`.
    @SuppressWarnings("ArrayRecordComponent") // Filled for the test; never compared.
    private record Stored(KeyValueStore store, List<float[]> numbers) {

        float[] at(int slot) {
            return numbers.get(slot);
        }

        /// The slot of a position, -1 if there is none.
        int slotOf(int position) {
            for (int slot = 0; slot < store.size(); slot++) {
                if (store.position(slot) == position) {
                    return slot;
                }
            }
            return -1;
        }
    }

    /// A token, and the keys and values that it sees without a window.
    private record Seeing(Row row, List<Integer> positions, List<float[]> numbers) {}

    static Stream<Arguments> cases() {
        return Stream.of(CacheFormat.FLOAT32, CacheFormat.BFLOAT16)
                .flatMap(format -> Stream.concat(
                        Stream.of(VisibleKeys.NO_WINDOW, 100, 40, 3).map(window -> Arguments.of(format, SHORT, window)),
                        Stream.of(VisibleKeys.NO_WINDOW, PageAttention.SLOTS_AT_ONCE, 40, 3)
                                .map(window -> Arguments.of(format, LONG, window))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void rowsOfSeveralSequencesAttendToTheirOwnKeysAlone(CacheFormat format, int tokens, int window) {
        ModelConfig config = Models.all().findFirst().orElseThrow().config();
        PageLayout layout = new PageLayout(1, 16, HEADS, DIM, format);
        try (PagePool pool = new PagePool(layout, tokens / 4);
                WorkerPool workers = WorkerPool.of(2)) {
            SequenceCache cache = new SequenceCache(RecursionPlan.of(config).shape(), pool);
            TokenChunk chunk = new TokenChunk(cache, new int[tokens], 0, RouteSettings.MODEL, config);
            Stored first = stored(pool, tokens, 1);
            Stored second = stored(pool, tokens, 1);
            Stored some = stored(pool, tokens, 2);
            List<Seeing> seeing = new ArrayList<>();
            for (int slot = tokens - 11; slot < tokens; slot++) {
                seeing.add(own(chunk, first, slot));
            }
            for (int slot = 50; slot < 54; slot++) {
                seeing.add(own(chunk, second, slot));
            }
            for (int slot = tokens / 2 - 3; slot <= (tokens - 1) / 2; slot++) {
                seeing.add(mixed(chunk, some, slot, first));
            }
            float[] queries = gaussian(seeing.size() * WIDTH);
            List<Row> rows = seeing.stream().map(Seeing::row).toList();
            Attention attention =
                    new Attention(HEADS * QUERIES, HEADS, DIM, 1 / Math.sqrt(DIM), OptionalDouble.empty());
            float[] together = new float[queries.length];
            attention.attend(rows, window, 0, queries, together, workers);
            for (int i = 0; i < rows.size(); i++) {
                float[] query = Arrays.copyOfRange(queries, i * WIDTH, (i + 1) * WIDTH);
                float[] alone = new float[WIDTH];
                attention.attend(List.of(rows.get(i)), window, 0, query, alone, workers);
                assertThat(Arrays.copyOfRange(together, i * WIDTH, (i + 1) * WIDTH))
                        .as("row %d", i)
                        .isEqualTo(alone);
                double[] expected = expected(seeing.get(i), window, query);
                for (int j = 0; j < WIDTH; j++) {
                    assertThat((double) alone[j])
                            .as("row %d, number %d", i, j)
                            .isCloseTo(expected[j], within(format == CacheFormat.FLOAT32 ? 1e-5 : 0.05));
                }
            }
        }
    }

    private Stored stored(PagePool pool, int tokens, int step) {
        KeyValueStore store = new KeyValueStore(pool, 1);
        List<float[]> numbers = new ArrayList<>();
        for (int position = 0; position < tokens; position += step) {
            int slot = store.add(position);
            float[] ofSlot = gaussian(HEADS * 2 * DIM);
            for (int head = 0; head < HEADS; head++) {
                store.put(0, head, slot, ofSlot, head * 2 * DIM, (head * 2 + 1) * DIM);
            }
            numbers.add(ofSlot);
        }
        return new Stored(store, numbers);
    }

    private static Seeing own(TokenChunk chunk, Stored stored, int slot) {
        KeyValueStore store = stored.store();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i <= slot; i++) {
            positions.add(store.position(i));
        }
        Row row = new Row(chunk, 0, 0, store, slot, new VisibleKeys.Own(store, slot));
        return new Seeing(row, positions, stored.numbers().subList(0, slot + 1));
    }

    private static Seeing mixed(TokenChunk chunk, Stored stored, int slot, Stored first) {
        KeyValueStore store = stored.store();
        List<Integer> positions = new ArrayList<>();
        List<float[]> numbers = new ArrayList<>();
        for (int position = 0; position <= store.position(slot); position++) {
            int own = stored.slotOf(position);
            positions.add(position);
            numbers.add(own >= 0 ? stored.at(own) : first.at(position));
        }
        Row row = new Row(chunk, 0, 1, store, slot, new VisibleKeys.Mixed(store, slot, first.store()));
        return new Seeing(row, positions, numbers);
    }

    private static double[] expected(Seeing seeing, int window, float[] query) {
        double[] attended = new double[WIDTH];
        int last = seeing.positions().getLast();
        for (int q = 0; q < HEADS * QUERIES; q++) {
            int head = q / QUERIES;
            double total = 0;
            double[] sums = new double[DIM];
            for (int i = 0; i < seeing.positions().size(); i++) {
                if (last - seeing.positions().get(i) >= window) {
                    continue;
                }
                float[] numbers = seeing.numbers().get(i);
                double score = 0;
                for (int j = 0; j < DIM; j++) {
                    score += (double) query[q * DIM + j] * numbers[head * 2 * DIM + j];
                }
                double weight = Math.exp(score / Math.sqrt(DIM));
                total += weight;
                for (int j = 0; j < DIM; j++) {
                    sums[j] += weight * numbers[(head * 2 + 1) * DIM + j];
                }
            }
            for (int j = 0; j < DIM; j++) {
                attended[q * DIM + j] = sums[j] / total;
            }
        }
        return attended;
    }

    private float[] gaussian(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
