package dev.saiki.engine.kernel;

import java.lang.foreign.MemorySegment;

/// A weight matrix cut into bands of four outputs, and the walk over it that all number formats share.
///
/// **Layout.** A band holds its four outputs interleaved by vectors: the first vector of each output, then the
/// second of each, and so on, in one run of off-heap memory. At one row, where memory is the limit, a band is thus
/// read in the order in which it lies. Read in place from a row-major tensor, four outputs are four streams, which
/// the processor's prefetch follows at half of the speed (13 against 27 GB/s on one Zen 4 core), and one output at
/// a time is one chain of additions, too slow for two bytes a weight; so stored tensors are copied even where the
/// number format is the same. Inputs are padded with zeros to {@link #UNIT}, outputs to four.
///
/// **Few rows** are multiplied one by one, each with the whole band. **Many rows** are multiplied four at a time,
/// with a *stretch* of a band that stays in the first-level cache. Weights are widened in registers each time, on
/// ports of the processor that multiply-adds leave idle; a widened copy in the cache was slower up to 16 rows and
/// no faster beyond.
///
/// **Order of summation.** A product is one chain of fused multiply-adds for each lane, from the first vector of
/// inputs to the last, then the lanes as {@link Lanes} adds them, then the scale. The chain of an output and a row
/// is the same on both ways and wherever a stretch ends, so neither the number of rows nor the threads change a
/// bit.
abstract sealed class TiledMatrix implements WeightMatrix permits Float32Matrix, BFloat16Matrix, Int8Matrix {

    /// Outputs in a band.
    static final int BAND = 4;

    /// Inputs are padded to a multiple of this: a vector of the narrowest format.
    static final int UNIT = 4 * Lanes.COUNT;

    /// Bytes of a band that four rows after four rows are multiplied with: half of a usual first-level cache.
    private static final long STRETCH_BYTES = 16 << 10;

    /// Most rows that share a stretch: with a width of 2,560 they take 640 KiB, which a usual second-level cache
    /// holds.
    private static final int ROWS_AT_ONCE = 64;

    /// Bands a worker takes at a time; a matrix of 960 outputs gives 30 parts.
    private static final int BANDS_A_PART = 8;

    /// Up to so many rows are multiplied one by one: three passes over a band, two of them from the cache, take
    /// less time than to lay out and compute a tile of four.
    private static final int FEW_ROWS = 3;

    private final int outputs;
    private final int inputs;
    private final int paddedInputs;
    private final long bandBytes;
    private final float[] scales;

    /// The weights; subclasses read them by the offsets they are given.
    final MemorySegment weights;

    /// Makes a matrix of zeros.
    ///
    /// @param outputs out
    /// @param inputs in
    /// @param bytes bytes a weight
    /// @param memory where the weights are to lie
    TiledMatrix(int outputs, int inputs, int bytes, WeightMemory memory) {
        this.outputs = outputs;
        this.inputs = inputs;
        this.paddedInputs = padded(inputs);
        this.bandBytes = (long) paddedInputs * BAND * bytes;
        this.scales = new float[roundUp(outputs, BAND)];
        this.weights = memory.allocate(Math.max(1, bands() * bandBytes));
    }

    /// Writes one output's weights.
    ///
    /// @param band where the band starts in memory, in bytes
    /// @param lane which of the band's outputs, 0 to 3
    /// @param values the weights, padded with zeros to a multiple of {@link #UNIT}
    /// @return what the products are to be multiplied with
    abstract float store(long band, int lane, float[] values);

    /// Multiplies one row with the four outputs of a band.
    ///
    /// @param rows holds the row
    /// @param row index of its first number
    /// @param band where the band starts in memory, in bytes
    /// @param count inputs, a multiple of {@link #UNIT}
    /// @param lanes gets four vectors of partial sums
    abstract void multiplyRow(float[] rows, int row, long band, int count, float[] lanes);

    /// Adds the products of four rows with a stretch of a band to their partial sums.
    ///
    /// @param tile the rows and the sums
    /// @param stretch where the stretch starts in memory, in bytes
    /// @param count inputs in it, a multiple of {@link #UNIT}
    abstract void multiplyTile(RowTile tile, long stretch, int count);

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public long bytes() {
        return weights.byteSize();
    }

    /// Writes one output's weights.
    ///
    /// @param output which
    /// @param values the weights, padded with zeros to {@link #padded(int)}
    void store(int output, float[] values) {
        scales[output] = store(output / BAND * bandBytes, output % BAND, values);
    }

    /// Returns the length of a row with its padding.
    ///
    /// @param inputs in
    /// @return in, rounded up to a multiple of {@link #UNIT}
    static int padded(int inputs) {
        return roundUp(inputs, UNIT);
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        if (rows.length < (long) count * inputs || products.length < (long) count * outputs) {
            throw new IllegalArgumentException(count + " rows of " + inputs + " inputs and " + outputs
                    + " outputs do not fit into " + rows.length + " and " + products.length + " numbers");
        }
        int parts = (bands() + BANDS_A_PART - 1) / BANDS_A_PART;
        if (count <= FEW_ROWS) {
            float[] padded = padded(rows, count);
            workers.run(parts, part -> multiplyFew(padded, count, part * BANDS_A_PART, end(part), products));
        } else {
            float[] tiles = RowTile.interleave(rows, count, inputs, paddedInputs);
            workers.run(parts, part -> {
                for (int row = 0; row < count; row += ROWS_AT_ONCE) {
                    int to = Math.min(count, row + ROWS_AT_ONCE);
                    multiplyMany(tiles, row, to, part * BANDS_A_PART, end(part), products);
                }
            });
        }
    }

    private int end(int part) {
        return Math.min(bands(), (part + 1) * BANDS_A_PART);
    }

    /// Multiplies few rows, each straight from the weights; from the second row on these come from the cache.
    private void multiplyFew(float[] rows, int count, int fromBand, int toBand, float[] products) {
        float[] lanes = new float[BAND * Lanes.COUNT];
        for (int band = fromBand; band < toBand; band++) {
            for (int row = 0; row < count; row++) {
                multiplyRow(rows, row * paddedInputs, band * bandBytes, paddedInputs, lanes);
                finish(lanes, 0, band, products, row);
            }
        }
    }

    private void multiplyMany(float[] rows, int fromRow, int toRow, int fromBand, int toBand, float[] products) {
        int stretch = stretchInputs();
        boolean whole = paddedInputs <= stretch;
        // Sums that wait for the next stretch need a place for each tile.
        int places = whole ? RowTile.ROWS : toRow - fromRow + RowTile.ROWS;
        RowTile tile = new RowTile(rows, new float[places * BAND * Lanes.COUNT]);
        for (int band = fromBand; band < toBand; band++) {
            for (int from = 0; from < paddedInputs; from += stretch) {
                int count = Math.min(stretch, paddedInputs - from);
                long start = band * bandBytes + from * bandBytes / paddedInputs;
                for (int row = fromRow; row < toRow; row += RowTile.ROWS) {
                    int x = row * paddedInputs + from * RowTile.ROWS;
                    tile.place(x, whole ? 0 : (row - fromRow) * BAND * Lanes.COUNT, from == 0);
                    multiplyTile(tile, start, count);
                    if (from + count == paddedInputs) {
                        finish(tile, Math.min(RowTile.ROWS, toRow - row), band, products, row);
                    }
                }
            }
        }
    }

    private void finish(RowTile tile, int rows, int band, float[] products, int row) {
        for (int i = 0; i < rows; i++) {
            finish(tile.lanes, tile.at + i * BAND * Lanes.COUNT, band, products, row + i);
        }
    }

    /// Returns how many inputs of a band fit into a good part of the first-level cache.
    private int stretchInputs() {
        long inputBytes = bandBytes / paddedInputs;
        return (int) (STRETCH_BYTES / inputBytes / UNIT * UNIT);
    }

    /// Writes the products of one row and one band; the partial sums are overwritten.
    private void finish(float[] lanes, int from, int band, float[] products, int row) {
        Lanes.sumFour(lanes, from, lanes, from);
        int output = band * BAND;
        int to = row * outputs + output;
        int count = Math.min(BAND, outputs - output);
        for (int i = 0; i < count; i++) {
            products[to + i] = lanes[from + i] * scales[output + i];
        }
    }

    private float[] padded(float[] rows, int count) {
        if (inputs == paddedInputs) {
            return rows;
        }
        float[] padded = new float[Math.multiplyExact(count, paddedInputs)];
        for (int row = 0; row < count; row++) {
            System.arraycopy(rows, row * inputs, padded, row * paddedInputs, inputs);
        }
        return padded;
    }

    private int bands() {
        return scales.length / BAND;
    }

    private static int roundUp(int number, int unit) {
        return Math.multiplyExact((number + unit - 1) / unit, unit);
    }
}
