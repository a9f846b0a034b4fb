package dev.saiki.engine.model;

/// A counter of the kernels' arithmetic, which is counted at the calls of the kernels; a multiply-add counts as
/// two operations.
///
/// Norms, activations, rotations and softmax are not counted, as is usual in the field.
public final class FlopCounter {

    private long layers;
    private long attention;
    private long routers;
    private long head;

    /// Makes a counter at zero.
    public FlopCounter() {}

    void linear(long rows, long inputs, long outputs) {
        layers += 2 * rows * inputs * outputs;
    }

    /// Counts the scores of queries against keys, and the weighted sums of values.
    void attention(long queryWidth, long keys) {
        attention += 4 * queryWidth * keys;
    }

    void router(long inputs, long outputs) {
        routers += 2 * inputs * outputs;
    }

    void head(long rows, long inputs, long outputs) {
        head += 2 * rows * inputs * outputs;
    }

    /// Returns the operations in the layers' linear maps.
    ///
    /// @return FLOPs
    public long layers() {
        return layers;
    }

    /// Returns the operations in attention.
    ///
    /// @return FLOPs
    public long attention() {
        return attention;
    }

    /// Returns the operations in the routers.
    ///
    /// @return FLOPs
    public long routers() {
        return routers;
    }

    /// Returns the operations in the head.
    ///
    /// @return FLOPs
    public long head() {
        return head;
    }
}
