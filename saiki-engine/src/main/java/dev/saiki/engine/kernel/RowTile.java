package dev.saiki.engine.kernel;

/// A tile of four rows and their partial sums. Four rows times the four outputs of a band ({@link TiledMatrix})
/// give sixteen vectors of partial sums, which stay in registers while a stretch of the band is processed.
///
/// The kernels keep the partial sums in sixteen local variables, because vectors in an array would be stored in
/// memory.
final class RowTile {

    /// The number of rows in a tile.
    static final int ROWS = 4;

    /// The number of vectors of partial sums in a tile.
    static final int VECTORS = ROWS * TiledMatrix.BAND;

    /// The initial partial sums of a tile.
    private static final float[] ZEROS = new float[VECTORS * Lanes.COUNT];

    /// The rows of all tiles; the four rows of a tile are interleaved by vectors, like the outputs of a band.
    final float[] rows;

    /// Receives the partial sums, row by row.
    final float[] lanes;

    /// The index of the tile's first number in the current stretch.
    int x;

    /// The partial sums before the current stretch.
    float[] before = ZEROS;

    /// The index of the first partial sum in `before`.
    int start;

    /// The index of the first partial sum in `lanes`.
    int at;

    RowTile(float[] rows, float[] lanes) {
        this.rows = rows;
        this.lanes = lanes;
    }

    /// Moves to a stretch of a tile.
    ///
    /// @param first index of the stretch's first number
    /// @param to index of the tile's first partial sum in `lanes`
    /// @param fresh whether the sums start from zero; otherwise they continue from the values in `lanes`
    void place(int first, int to, boolean fresh) {
        x = first;
        before = fresh ? ZEROS : lanes;
        start = fresh ? 0 : to;
        at = to;
    }

    /// Arranges rows in tiles.
    ///
    /// @param rows `[count, inputs]`
    /// @param count number of rows
    /// @param inputs length of a row
    /// @param width length of a row, including padding
    /// @return the tiles, with missing rows filled with zeros
    static float[] interleave(float[] rows, int count, int inputs, int width) {
        int tiles = (count + ROWS - 1) / ROWS;
        float[] interleaved = new float[Math.multiplyExact(tiles * ROWS, width)];
        for (int row = 0; row < count; row++) {
            int to = row / ROWS * ROWS * width + row % ROWS * Lanes.COUNT;
            for (int i = 0; i < inputs; i += Lanes.COUNT) {
                int length = Math.min(Lanes.COUNT, inputs - i);
                System.arraycopy(rows, row * inputs + i, interleaved, to + i * ROWS, length);
            }
        }
        return interleaved;
    }
}
