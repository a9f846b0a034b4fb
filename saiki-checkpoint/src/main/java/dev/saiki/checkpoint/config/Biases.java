package dev.saiki.checkpoint.config;

/// The linear maps of a layer that have a bias.
///
/// @param queryKeyValue the query, key and value projections
/// @param output the output projection of attention
/// @param feedForward the projections of the feed-forward network
public record Biases(boolean queryKeyValue, boolean output, boolean feedForward) {

    /// No map has a bias.
    public static final Biases NONE = new Biases(false, false, false);

    /// All attention maps have a bias.
    public static final Biases ATTENTION = new Biases(true, true, false);

    /// The query, key and value projections have a bias, as in Qwen 2.
    public static final Biases QUERY_KEY_VALUE = new Biases(true, false, false);

    /// All maps of the feed-forward network have a bias.
    public static final Biases FEED_FORWARD = new Biases(false, false, true);

    /// Every map has a bias.
    public static final Biases ALL = new Biases(true, true, true);
}
