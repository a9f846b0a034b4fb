package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.QueryKeyNorm;
import dev.saiki.tensor.Tensor;
import java.util.Optional;

/// The weights of queries, keys and values, for H query heads and G key-value heads of K dimensions.
///
/// @param projection `[(H + 2G) · K, hidden]`: the stacked query, key and value projections
/// @param norm the norm of queries and keys
/// @param queryNorm `[K]` or `[H · K]`, if the model has one
/// @param keyNorm `[K]` or `[G · K]`, if the model has one
public record AttentionWeights(
        Linear projection, QueryKeyNorm norm, Optional<Tensor> queryNorm, Optional<Tensor> keyNorm) {

    /// Returns the weights with another projection.
    ///
    /// @param other `[(H + 2G) · K, hidden]`
    /// @return the copy
    public AttentionWeights with(Linear other) {
        return new AttentionWeights(other, norm, queryNorm, keyNorm);
    }

    Tensor normalisedQuery(Tensor heads, Norm by) {
        return queryNorm.map(weight -> normalised(heads, weight, by)).orElse(heads);
    }

    Tensor normalisedKey(Tensor heads, Norm by) {
        return keyNorm.map(weight -> normalised(heads, weight, by)).orElse(heads);
    }

    /// The heads `[n, h, K]` after their norm.
    private Tensor normalised(Tensor heads, Tensor weight, Norm by) {
        return switch (norm) {
            case NONE -> heads;
            case EACH_HEAD -> by.apply(heads, weight);
            case WHOLE_PROJECTION -> {
                long width = heads.size(1) * heads.size(2);
                yield by.apply(heads.reshape(-1, width), weight).reshape(-1, heads.size(1), heads.size(2));
            }
        };
    }
}
