package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.QueryKeyNorm;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.List;
import java.util.OptionalDouble;

/// Causal attention of the active tokens.
///
/// Within a recursion step the active tokens of a sequence, in order, attend causally among themselves, but not to
/// other steps or exited tokens. With keys and values of the first recursion, or completed ones, active queries
/// attend to all positions up to their own. Letters: `n` active tokens, `B` sequences, `C` length to which the
/// active tokens of each sequence are padded, `T` all positions, `H` query heads, `G` key-value heads, `K` head
/// dimension.
///
/// @param queryHeads the number of query heads H
/// @param keyValueHeads the number of key-value heads G, which divides H
/// @param headDim the head dimension K
/// @param norms the norm of queries and keys
/// @param scale the factor of the products of queries and keys
/// @param cap the bound of the scaled products; empty for none
public record CausalSelfAttention(
        int queryHeads, int keyValueHeads, int headDim, Norm norms, double scale, OptionalDouble cap) {

    /// Attends and returns the heads' outputs, concatenated.
    ///
    /// @param input `[n, hidden]`, normalised
    /// @param weights the projections and norms
    /// @param sight the positions that the layer's tokens attend to
    /// @param active the n tokens
    /// @param rotation the angles of the active tokens
    /// @param keyValues the keys and values of the first recursion
    /// @param source the source of this layer's keys and values
    /// @param layer the index of the unique layer, under which keys and values are kept
    /// @return `[n, H · K]`
    public Tensor attend(
            Tensor input,
            AttentionWeights weights,
            Sight sight,
            ActiveTokens active,
            Rotations rotation,
            KeyValues keyValues,
            KeyValues.Source source,
            int layer) {
        if (source instanceof KeyValues.Source.Kept) {
            Tensor plain =
                    weights.projection().outputs(0, (long) queryHeads * headDim).apply(input);
            Tensor query = weights.normalisedQuery(plain.reshape(-1, queryHeads, headDim), norms);
            return attendToKept(
                    scaled(rotated(query, rotation, sight), rotation), active, keyValues.kept(layer), sight);
        }
        Tensor heads = weights.projection().apply(input).reshape(-1, queryHeads + 2L * keyValueHeads, headDim);
        Tensor queriesAndKeys = rotated(normalised(heads, weights), rotation, sight);
        Tensor query = scaled(queriesAndKeys.narrow(1, 0, queryHeads), rotation);
        Tensor key = queriesAndKeys.narrow(1, queryHeads, keyValueHeads);
        Tensor value = heads.narrow(1, queryHeads + keyValueHeads, keyValueHeads);
        return switch (source) {
            case KeyValues.Source.Own _ -> attendAmongActive(query, key, value, active, sight);
            case KeyValues.Source.OwnAndKeep _ -> {
                keyValues.keep(layer, new KeyValues.Entry(key, value));
                yield attendAmongActive(query, key, value, active, sight);
            }
            case KeyValues.Source.KeptWithOwn _ -> {
                KeyValues.Entry kept = keyValues.kept(layer);
                yield attendToKept(
                        query,
                        active,
                        new KeyValues.Entry(
                                kept.keys().replaceRows(active.rows(), key),
                                kept.values().replaceRows(active.rows(), value)),
                        sight);
            }
            case KeyValues.Source.Completed(LeftTokens left) ->
                attendToKept(query, active, completed(key, value, left, weights, sight), sight);
            case KeyValues.Source.Kept _ -> throw new IllegalStateException("a kept source is handled above");
        };
    }

    /// The keys and values of all tokens, including exited ones.
    private KeyValues.Entry completed(
            Tensor key, Tensor value, LeftTokens left, AttentionWeights weights, Sight sight) {
        Tensor heads = weights.projection()
                .outputs((long) queryHeads * headDim, 2L * keyValueHeads * headDim)
                .apply(left.states())
                .reshape(-1, 2L * keyValueHeads, headDim);
        Tensor leftKey = weights.normalisedKey(heads.narrow(1, 0, keyValueHeads), norms);
        return new KeyValues.Entry(
                left.together(key, rotated(leftKey, left.rotation(), sight)),
                left.together(value, heads.narrow(1, keyValueHeads, keyValueHeads)));
    }

    /// Queries and keys after their norms, `[n, H + G, K]`.
    private Tensor normalised(Tensor heads, AttentionWeights weights) {
        if (weights.norm() == QueryKeyNorm.NONE) {
            return heads.narrow(1, 0, queryHeads + keyValueHeads);
        }
        return Tensors.concatenate(
                List.of(
                        weights.normalisedQuery(heads.narrow(1, 0, queryHeads), norms),
                        weights.normalisedKey(heads.narrow(1, queryHeads, keyValueHeads), norms)),
                1);
    }

    private static Tensor rotated(Tensor heads, Rotations rotation, Sight sight) {
        return switch (sight.rotation()) {
            case NONE -> heads;
            case USUAL -> RotaryEmbedding.rotate(heads, rotation.usual());
            case OF_WINDOWS ->
                RotaryEmbedding.rotate(heads, rotation.ofWindows().orElseThrow());
        };
    }

    /// The queries for kernels that multiply scores by 1 / √K.
    private Tensor scaled(Tensor rotated, Rotations rotation) {
        Tensor query = rotation.queryFactors()
                .map(factors -> rotated.multiply(factors.to(rotated.dtype())))
                .orElse(rotated);
        double usual = 1 / Math.sqrt(headDim);
        return scale == usual ? query : query.multiply(scale / usual);
    }

    private Tensor attendAmongActive(Tensor query, Tensor key, Tensor value, ActiveTokens active, Sight sight) {
        Tensor queries = grid(query, active, queryHeads);
        Tensor keys = grid(key, active, keyValueHeads);
        Tensor values = grid(value, active, keyValueHeads);
        Tensor attended = sight.window().isPresent()
                ? attendWithin(
                        queries,
                        keys,
                        values,
                        active.ownKeysWithin(sight.window().getAsInt(), query.dtype()))
                : attendCausally(queries, keys, values, active);
        return packed(attended, active);
    }

    private Tensor attendToKept(Tensor query, ActiveTokens active, KeyValues.Entry kept, Sight sight) {
        Tensor keys = allPositions(kept.keys(), active);
        Tensor values = allPositions(kept.values(), active);
        Tensor queries = grid(query, active, queryHeads);
        Tensor attended = active.isAll() && sight.window().isEmpty()
                ? attendCausally(queries, keys, values, active)
                : attendWithin(queries, keys, values, active.allKeys(sight.window(), query.dtype()));
        return packed(attended, active);
    }

    /// On the CPU the fused kernel is faster in float32; in bfloat16 it is many times slower than oneDNN's matrix
    /// products. GPUs have fused kernels for both. None bounds the scores.
    private boolean isFused(Tensor query) {
        return cap.isEmpty()
                && (query.dtype() == DType.FLOAT32 || !query.device().equals(Device.CPU));
    }

    private Tensor attendCausally(Tensor query, Tensor key, Tensor value, ActiveTokens active) {
        return isFused(query)
                ? Functional.fusedCausalAttention(query, key, value)
                : Functional.maskedAttention(query, key, value, active.causalMask(query.dtype()), cap);
    }

    /// Attention under a mask, with a kernel that can compute it and is fast for the format.
    private Tensor attendWithin(Tensor query, Tensor key, Tensor value, Tensor mask) {
        return isFused(query)
                ? Functional.fusedMaskedAttention(query, key, value, mask)
                : Functional.maskedAttention(query, key, value, mask.unsqueeze(1), cap);
    }

    /// Packed heads `[n, h, K]` to `[B, h, C, K]`.
    private Tensor grid(Tensor heads, ActiveTokens active, int numHeads) {
        return active.toGrid(heads)
                .reshape(active.batch(), active.longest(), numHeads, headDim)
                .transpose(1, 2);
    }

    private Tensor allPositions(Tensor heads, ActiveTokens active) {
        return heads.reshape(active.batch(), active.time(), keyValueHeads, headDim)
                .transpose(1, 2);
    }

    private Tensor packed(Tensor attended, ActiveTokens active) {
        Tensor rows = attended.transpose(1, 2).reshape(-1, (long) queryHeads * headDim);
        return active.fromGrid(rows);
    }
}
