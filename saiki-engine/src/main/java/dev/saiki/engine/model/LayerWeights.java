package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Rotation;
import dev.saiki.engine.cache.VisibleKeys;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The weights of one unique layer, with its positional encoding. H is the number of query heads, G the number of
/// key-value heads, and K the width of a head.
///
/// @param shared norms of all steps that have no separate norms
/// @param query `[H · K, hidden]`
/// @param keyValue `[2 · G · K, hidden]`, keys before values
/// @param headNorms norms of queries and keys; null if the model has none
/// @param output `[hidden, H · K]`
/// @param feedForward the feed-forward network, or the mixture of experts
/// @param sight positional encoding and window
/// @param steps separate weights of each recursion step after the first; empty if there are none
record LayerWeights(
        StepWeights shared,
        LinearMap query,
        LinearMap keyValue,
        @Nullable HeadNorms headNorms,
        LinearMap output,
        FeedForwardWeights feedForward,
        Sight sight,
        List<StepWeights> steps) {

    /// The positional encoding and window of a layer.
    ///
    /// @param window number of positions that a token attends to, including its own; {@link VisibleKeys#NO_WINDOW}
    ///     for all
    /// @param rotation rotation of queries and keys by their positions
    record Sight(int window, Rotation rotation) {}

    /// Returns the bytes of the weights.
    long bytes() {
        return bytesOfAttention() + feedForward.bytes();
    }

    /// Returns how many bytes of weights one forward pass reads if it has a row at every step.
    long bytesRead() {
        return bytesOfAttention() + feedForward.bytesRead();
    }

    private long bytesOfAttention() {
        long norms = shared.bytes() + (headNorms == null ? 0 : headNorms.bytes());
        return norms
                + Stream.of(query, keyValue, output).mapToLong(LinearMap::bytes).sum()
                + steps.stream().mapToLong(StepWeights::bytes).sum();
    }
}
