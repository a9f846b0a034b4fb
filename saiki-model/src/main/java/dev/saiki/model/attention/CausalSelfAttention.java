package dev.saiki.model.attention;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;

/// Attention of the active tokens to what comes no later than they do.
///
/// Within a recursion step the active tokens of a sequence, in order, attend causally among themselves; nothing of
/// another step and no token that left is seen. With keys and values of the first recursion, active queries see all
/// positions up to their own. Letters: `n` active tokens, `B` sequences, `C` width of the attention rectangle, `T` all
/// positions, `H` query heads, `G` key-value heads, `K` head dimension.
public final class CausalSelfAttention {

    private final int queryHeads;
    private final int keyValueHeads;
    private final int headDim;

    /// Makes the attention of one model.
    ///
    /// @param queryHeads H
    /// @param keyValueHeads G, dividing H
    /// @param headDim K
    public CausalSelfAttention(int queryHeads, int keyValueHeads, int headDim) {
        this.queryHeads = queryHeads;
        this.keyValueHeads = keyValueHeads;
        this.headDim = headDim;
    }

    /// Attends and returns the heads' outputs side by side.
    ///
    /// @param input `[n, hidden]`, normalised
    /// @param projection `[(H + 2G) · K, hidden]`: query, key and value projection on top of each other
    /// @param active the n tokens
    /// @param rotation their angles
    /// @param keyValues what the first recursion keeps
    /// @param source where this layer's keys and values come from
    /// @param layer number of the unique layer, under which keys and values are kept
    /// @return `[n, H · K]`
    public Tensor attend(
            Tensor input,
            Tensor projection,
            ActiveTokens active,
            RotaryEmbedding.Rotation rotation,
            KeyValues keyValues,
            KeyValues.Source source,
            int layer) {
        if (source == KeyValues.Source.KEPT) {
            Tensor queryProjection = projection.narrow(0, 0, (long) queryHeads * headDim);
            Tensor query = Functional.linear(input, queryProjection).reshape(-1, queryHeads, headDim);
            return attendToKept(RotaryEmbedding.rotate(query, rotation), active, keyValues.kept(layer));
        }
        Tensor heads = Functional.linear(input, projection).reshape(-1, queryHeads + 2L * keyValueHeads, headDim);
        Tensor rotated = RotaryEmbedding.rotate(heads.narrow(1, 0, queryHeads + keyValueHeads), rotation);
        Tensor query = rotated.narrow(1, 0, queryHeads);
        Tensor key = rotated.narrow(1, queryHeads, keyValueHeads);
        Tensor value = heads.narrow(1, queryHeads + keyValueHeads, keyValueHeads);
        return switch (source) {
            case OWN -> attendAmongActive(query, key, value, active);
            case OWN_AND_KEEP -> {
                keyValues.keep(layer, new KeyValues.Entry(key, value));
                yield attendAmongActive(query, key, value, active);
            }
            case KEPT_WITH_OWN -> {
                KeyValues.Entry kept = keyValues.kept(layer);
                yield attendToKept(
                        query,
                        active,
                        new KeyValues.Entry(
                                kept.keys().replaceRows(active.rows(), key),
                                kept.values().replaceRows(active.rows(), value)));
            }
            case KEPT -> throw new IllegalStateException("answered above");
        };
    }

    private Tensor attendAmongActive(Tensor query, Tensor key, Tensor value, ActiveTokens active) {
        return packed(
                attendCausally(
                        grid(query, active, queryHeads),
                        grid(key, active, keyValueHeads),
                        grid(value, active, keyValueHeads),
                        active),
                active);
    }

    private Tensor attendToKept(Tensor query, ActiveTokens active, KeyValues.Entry kept) {
        Tensor keys = allPositions(kept.keys(), active);
        Tensor values = allPositions(kept.values(), active);
        Tensor queries = grid(query, active, queryHeads);
        Tensor attended = active.isAll()
                ? attendCausally(queries, keys, values, active)
                : Functional.maskedAttention(queries, keys, values, active.visibleKeys(query.dtype()));
        return packed(attended, active);
    }

    /// The fused kernel is the faster one in float32; in bfloat16 it is many times slower than products on oneDNN.
    private static Tensor attendCausally(Tensor query, Tensor key, Tensor value, ActiveTokens active) {
        return query.dtype() == DType.FLOAT32
                ? Functional.fusedCausalAttention(query, key, value)
                : Functional.maskedAttention(query, key, value, active.causalMask(query.dtype()));
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
