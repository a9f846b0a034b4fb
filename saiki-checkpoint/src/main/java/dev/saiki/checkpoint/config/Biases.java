package dev.saiki.checkpoint.config;

/// The linear maps of a layer that have a bias.
///
/// @param queryKeyValue those of queries, keys and values
/// @param output that of attention's output
/// @param feedForward those of gate, up and down
public record Biases(boolean queryKeyValue, boolean output, boolean feedForward) {

    /// No map adds a bias.
    public static final Biases NONE = new Biases(false, false, false);

    /// All maps of attention add one.
    public static final Biases ATTENTION = new Biases(true, true, false);

    /// Queries, keys and values get one, as in Qwen 2.
    public static final Biases QUERY_KEY_VALUE = new Biases(true, false, false);

    /// All maps of the feed-forward network add one.
    public static final Biases FEED_FORWARD = new Biases(false, false, true);

    /// Every map adds one.
    public static final Biases ALL = new Biases(true, true, true);
}
