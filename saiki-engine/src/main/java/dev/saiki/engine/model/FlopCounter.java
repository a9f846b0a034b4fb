package dev.saiki.engine.model;

/// A counter of the arithmetic that kernels were asked for, where they are called: two operations for a
/// multiplication and its addition.
///
/// Norms, activations, rotations and softmax are left out, as everywhere in the field.
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

    /// Scores of queries against keys, and the weighted sum of values.
    void attention(long queryWidth, long keys) {
        attention += 4 * queryWidth * keys;
    }

    void router(long inputs, long outputs) {
        routers += 2 * inputs * outputs;
    }

    void head(long rows, long inputs, long outputs) {
        head += 2 * rows * inputs * outputs;
    }

    /// Returns what the linear maps of the layers took.
    ///
    /// @return FLOPs
    public long layers() {
        return layers;
    }

    /// Returns what attention took.
    ///
    /// @return FLOPs
    public long attention() {
        return attention;
    }

    /// Returns what the routers took.
    ///
    /// @return FLOPs
    public long routers() {
        return routers;
    }

    /// Returns what the head took.
    ///
    /// @return FLOPs
    public long head() {
        return head;
    }
}
