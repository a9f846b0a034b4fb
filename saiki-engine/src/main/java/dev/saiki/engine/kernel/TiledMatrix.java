package dev.saiki.engine.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A weight matrix divided into bands of four outputs, and the traversal of the bands that all number formats
/// share.
///
/// **Layout.** The four outputs of a band are interleaved by vectors, contiguously in off-heap memory: the first
/// vector of each output, then the second vector of each output, and so on. With one row, where memory is the
/// limit, a band is thus read sequentially. A row-major tensor read in place would be slower. Four outputs at a
/// time would be four streams, which the processor's prefetch follows at half the speed (13 instead of 27 GB/s on
/// one Zen 4 core). One output at a time would be one chain of dependent additions, slower than memory delivers
/// weights of two bytes. Stored tensors are therefore copied even if the number format is the same. Inputs are
/// padded with zeros to a multiple of {@link #UNIT}, outputs to a multiple of four.
///
/// **Few rows** are multiplied one by one, each by the whole band. **Many rows** are multiplied four at a time by
/// a *stretch* of a band that stays in the first-level cache. Weights are widened in registers each time, on
/// execution ports that multiply-adds leave idle. A widened copy in the cache was slower for up to 16 rows and no
/// faster for more.
///
/// **Order of summation.** A product is one chain of fused multiply-adds for each lane, from the first vector of
/// inputs to the last, followed by the sum of the lanes as in {@link Lanes}. The chain for an
/// output and a row does not depend on the number of rows or on where a stretch ends, so the number of rows and
/// the number of threads do not change a single bit.
///
/// If the machine has {@link NativeKernels}, they multiply instead, in the same layout; in float32, with the same
/// bits.
abstract sealed class TiledMatrix extends WeightMatrix permits Float32Matrix, BFloat16Matrix {

    /// The number of outputs in a band.
    static final int BAND = 4;

    /// The unit to which inputs are padded: the number of weights in a vector of the narrowest format.
    static final int UNIT = 4 * Lanes.COUNT;

    /// The size of a stretch: half of a typical first-level cache.
    private static final long STRETCH_BYTES = 16 << 10;

    /// The maximum number of rows that are multiplied by the same stretch. So many rows of 2,560 numbers take
    /// 640 KiB, which fits into a typical second-level cache.
    private static final int ROWS_AT_ONCE = 64;

    /// The number of bands that a worker takes at a time; the 240 bands of 960 outputs thus give the workers 30
    /// parts.
    private static final int BANDS_A_PART = 8;

    /// The maximum number of rows that are multiplied one by one. Three passes over a band, two of them from the
    /// cache, take less time than preparing and computing a tile of four rows.
    private static final int FEW_ROWS = 3;

    private final long bandBytes;
    private final Packing packing;
    private final Optional<NativeKernels> natives;

    /// The weights. Subclasses read the weights at the offsets that their methods receive.
    final MemorySegment weights;

    /// Makes a matrix of zeros.
    ///
    /// @param outputs number of outputs
    /// @param inputs number of inputs
    /// @param packing of the weights
    /// @param memory from which the weights are allocated
    /// @param natives the kernels in C; not used if they cannot multiply such weights
    TiledMatrix(int outputs, int inputs, Packing packing, WeightMemory memory, Optional<NativeKernels> natives) {
        super(outputs, inputs);
        this.bandBytes = (long) paddedInputs * BAND * packing.bits() / Byte.SIZE;
        this.packing = packing;
        this.natives = natives.filter(found -> found.multiplies(packing));
        this.weights = memory.allocate(Math.max(1, bands() * bandBytes));
    }

    /// Writes one output's weights.
    ///
    /// @param band offset of the band in memory, in bytes
    /// @param lane index of the output in the band, 0 to 3
    /// @param values the weights, padded with zeros to a multiple of {@link #UNIT}
    abstract void store(long band, int lane, float[] values);

    /// Multiplies one row by the four outputs of a band.
    ///
    /// @param rows array that contains the row
    /// @param row index of the row's first number
    /// @param band offset of the band in memory, in bytes
    /// @param count number of inputs, a multiple of {@link #UNIT}
    /// @param lanes receives four vectors of partial sums
    abstract void multiplyRow(float[] rows, int row, long band, int count, float[] lanes);

    /// Adds the products of four rows and a stretch of a band to the rows' partial sums.
    ///
    /// @param tile the rows and their partial sums
    /// @param stretch offset of the stretch in memory, in bytes
    /// @param count number of inputs in the stretch, a multiple of {@link #UNIT}
    abstract void multiplyTile(RowTile tile, long stretch, int count);

    @Override
    public long bytes() {
        return weights.byteSize();
    }

    /// Writes one output's weights.
    ///
    /// @param output index of the output
    /// @param values the weights, padded with zeros to the length {@link #padded(int)}
    void store(int output, float[] values) {
        store(output / BAND * bandBytes, output % BAND, values);
    }

    /// Returns the length of a row with its padding.
    ///
    /// @param inputs number of inputs
    /// @return the number of inputs, rounded up to a multiple of {@link #UNIT}
    static int padded(int inputs) {
        return Math.multiplyExact(Math.ceilDiv(inputs, UNIT), UNIT);
    }

    @Override
    public void multiply(float[] rows, int count, float[] products, WorkerPool workers) {
        requireRoom(rows, count, products);
        if (natives.isPresent()) {
            NativeKernels.Weights bands =
                    new NativeKernels.Weights(weights, MemorySegment.NULL, packing, outputs, inputs, paddedInputs);
            natives.get().multiply(bands, rows, count, products, workers);
        } else {
            multiplyInJava(rows, count, products, workers);
        }
    }

    private void multiplyInJava(float[] rows, int count, float[] products, WorkerPool workers) {
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

    /// Multiplies few rows one by one by each band. The first row loads the band into the cache, from which the
    /// other rows read it.
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
        // If a band has several stretches, the partial sums of every tile are kept from one stretch to the next.
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

    /// Returns the number of inputs in a stretch of a band.
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
            products[to + i] = lanes[from + i];
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
        return Math.ceilDiv(outputs, BAND);
    }
}
