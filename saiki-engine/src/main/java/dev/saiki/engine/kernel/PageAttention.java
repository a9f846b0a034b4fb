package dev.saiki.engine.kernel;

import dev.saiki.engine.settings.CacheFormat;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/// The attention of the queries that share a key-value head: scores of all keys, softmax, and the weighted sum of the
/// values.
///
/// With AMX, keys and values in bfloat16 are multiplied in tile registers if heads are not narrow and scores have no
/// bound. Neighbouring rows of a sequence then share the keys that are read, and queries and the weights of values are
/// rounded to bfloat16. Otherwise the kernels in Java and in C give the same bits, row by row; C is used where
/// {@link NativeKernels} are found. A row's result is the same alone and together with others.
public final class PageAttention {

    /// The number of slots that are computed at once, so that tasks on many threads can share the keys of one row.
    /// {@link AttentionPart} adds up what rows attend to among more slots.
    public static final int SLOTS_AT_ONCE = 2_048;

    /// The number of queries that fit into a tile.
    private static final int COLUMNS = 16;

    /// The number of slots that tiles take together, counted from the first slot of a sequence.
    private static final int SLOTS = 64;

    private static final int WIDEST_IN_TILES = 256;

    /// The minimum of a row's queries times their width for which tiles are used. Below it a single row, as in
    /// decoding, takes much longer in tiles than with AVX-512.
    private static final int LEAST_IN_TILES = 128;

    private final int queries;
    private final int dim;
    private final float factor;
    private final float cap;
    private final Optional<NativeKernels> natives;
    private final boolean mayUseTiles;
    private final ThreadLocal<float[]> scores;

    /// The queries of neighbouring rows of a sequence.
    ///
    /// @param numbers array that contains the rows
    /// @param from index of the first row's first query
    /// @param stride numbers from a row to the next
    /// @param seen for each row, its first slot in the runs, and the slot behind its last
    @SuppressWarnings("ArrayRecordComponent") // Short-lived; never compared.
    public record Queries(float[] numbers, int from, int stride, int[] seen) {

        int count() {
            return seen.length / 2;
        }

        private boolean seesWithin(int slots) {
            for (int row = 0; row < count(); row++) {
                if (seen[2 * row] < 0 || seen[2 * row] >= seen[2 * row + 1] || seen[2 * row + 1] > slots) {
                    return false;
                }
            }
            return true;
        }

        private Queries row(int row) {
            return new Queries(numbers, from + row * stride, stride, new int[] {seen[2 * row], seen[2 * row + 1]});
        }
    }

    /// Makes the attention of a model's heads.
    ///
    /// @param queries number of queries that share a key-value head
    /// @param dim width of a head
    /// @param factor factor of the products of queries and keys
    /// @param cap the largest absolute value of a score; empty if scores are not bounded
    public PageAttention(int queries, int dim, double factor, OptionalDouble cap) {
        this(queries, dim, factor, cap, NativeKernels.find());
    }

    PageAttention(int queries, int dim, double factor, OptionalDouble cap, Optional<NativeKernels> natives) {
        this.queries = queries;
        this.dim = dim;
        this.factor = (float) factor;
        this.cap = (float) cap.orElse(0);
        this.natives = natives;
        this.mayUseTiles = queries <= COLUMNS
                && dim <= WIDEST_IN_TILES
                && queries * dim >= LEAST_IN_TILES
                && cap.isEmpty()
                && natives.filter(found -> found.multiplies(Packing.BFLOAT16_TILES))
                        .isPresent();
        this.scores = ThreadLocal.withInitial(() -> new float[queries * SLOTS_AT_ONCE]);
    }

    /// Returns the maximum number of rows that are computed together.
    ///
    /// @param format number format of keys and values
    /// @return 1 without tile registers
    public int rowsAtOnce(CacheFormat format) {
        return inTiles(format) ? COLUMNS / queries : 1;
    }

    /// Returns the unit in which slots before a window are left out of {@link PageRuns}.
    ///
    /// @param format number format of keys and values
    /// @return 1 without tile registers
    public int alignment(CacheFormat format) {
        return inTiles(format) ? SLOTS : 1;
    }

    private boolean inTiles(CacheFormat format) {
        return mayUseTiles && format == CacheFormat.BFLOAT16;
    }

    /// Makes a part that {@link #attend} fills.
    ///
    /// @param rows number of rows
    /// @return the part of rows that see none of the keys
    public AttentionPart part(int rows) {
        return new AttentionPart(rows * queries, dim);
    }

    /// Computes the attention of rows.
    ///
    /// @param runs the keys and values, of at least one position and at most {@link #SLOTS_AT_ONCE}
    /// @param rows the queries of at most {@link #rowsAtOnce} rows; without tiles, of one row that sees all slots
    /// @param part receives the outputs
    /// @param row index of the first row in the part
    public void attend(PageRuns runs, Queries rows, AttentionPart part, int row) {
        long end = rows.from() + (rows.count() - 1L) * rows.stride() + (long) queries * dim;
        int at = part.indexOf(row * queries);
        if (runs.slots() > SLOTS_AT_ONCE
                || end > rows.numbers().length
                || part.indexOf((row + rows.count()) * queries) > part.numbers().length
                || !rows.seesWithin(runs.slots())) {
            throw new IllegalArgumentException(runs.slots() + " keys must be at most " + SLOTS_AT_ONCE
                    + ", contain what the rows see, " + Arrays.toString(rows.seen()) + ", and "
                    + queries + " queries of " + dim + " numbers in " + rows.count() + " rows from " + rows.from()
                    + " must fit into " + rows.numbers().length + ", and from row " + row + " into "
                    + part.numbers().length);
        }
        if (inTiles(runs.format())) {
            attendInTiles(runs, rows, part, row);
        } else if (natives.isPresent()) {
            natives.get().attend(runs, rows, factor, cap, dim, queries, part.numbers(), at, scores.get());
        } else {
            attendInJava(runs, rows.numbers(), rows.from(), part, row);
        }
    }

    /// Computes rows together. Values that a row does not see have the weight 0, but 0 times infinity is not a number.
    /// So if a result is not finite, each row is computed alone.
    private void attendInTiles(PageRuns runs, Queries rows, AttentionPart part, int firstRow) {
        NativeKernels kernels = natives.orElseThrow();
        float[] numbers = part.numbers();
        int at = part.indexOf(firstRow * queries);
        if (!kernels.attendInTiles(runs, rows, factor, dim, queries, numbers, at) && rows.count() > 1) {
            for (int row = 0; row < rows.count(); row++) {
                int to = part.indexOf((firstRow + row) * queries);
                boolean _ = kernels.attendInTiles(runs, rows.row(row), factor, dim, queries, numbers, to);
            }
        }
    }

    private void attendInJava(PageRuns runs, float[] rows, int from, AttentionPart part, int row) {
        float[] weights = scores.get();
        int first = 0;
        for (int run = 0; run < runs.count(); run++) {
            PageKernels.Slots keys = runs.keys(run, dim);
            PageKernels.scores(rows, from, queries, keys, weights, first, SLOTS_AT_ONCE);
            first += keys.count();
        }
        float[] attended = part.numbers();
        for (int query = 0; query < queries; query++) {
            int to = part.indexOf(row * queries + query);
            int weight = query * SLOTS_AT_ONCE;
            if (cap > 0) {
                SoftCap.inPlace(weights, weight, first, factor, cap);
            }
            Softmax.inPlace(weights, weight, first, cap > 0 ? 1 : factor, attended, to + dim);
            Arrays.fill(attended, to, to + dim, 0);
            for (int run = 0; run < runs.count(); run++) {
                PageKernels.Slots values = runs.values(run, dim);
                PageKernels.addWeighted(weights, weight, values, attended, to);
                weight += values.count();
            }
        }
    }
}
