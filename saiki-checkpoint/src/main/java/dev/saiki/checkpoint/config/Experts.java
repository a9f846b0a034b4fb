package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// The mixture of experts in each layer of a model: several feed-forward networks, some of which a gate chooses for
/// every token (Shazeer et al., arXiv:1701.06538; Fedus et al., arXiv:2101.03961).
///
/// The gate's softmax gives a weight to each network; the networks with the largest weights compute the token, and
/// their outputs are summed with these weights.
///
/// @param count networks in each layer
/// @param chosen networks that compute a token
/// @param renormalised whether the weights of the chosen networks are divided by their sum
public record Experts(int count, int chosen, boolean renormalised) {

    /// The maximum number of networks in all layers together.
    private static final int MAX_NETWORKS = 1 << 16;

    private static final String PER_TOKEN = "num_experts_per_tok";
    private static final String RENORMALISED = "norm_topk_prob";
    private static final String SPARSE_STEP = "decoder_sparse_step";
    private static final String DENSE_LAYERS = "mlp_only_layers";

    /// The width of a network in Qwen 3, whose `intermediate_size` is that of layers without experts.
    static final String WIDTH = "moe_intermediate_size";

    /// Checks the numbers.
    public Experts {
        ValueChecks.range("the number of experts", count, 1, MAX_NETWORKS);
        ValueChecks.range(PER_TOKEN, chosen, 1, count);
    }

    /// The keys of a family that has experts.
    static Set<String> keys(ModelFamily family) {
        String count = countKey(family);
        return switch (family) {
            case QWEN3_MOE -> Set.of(count, PER_TOKEN, RENORMALISED, WIDTH, SPARSE_STEP, DENSE_LAYERS);
            case OLMOE -> Set.of(count, PER_TOKEN, RENORMALISED);
            default -> Set.of(count, PER_TOKEN);
        };
    }

    private static String countKey(ModelFamily family) {
        return choosesRenormalising(family) ? "num_experts" : "num_local_experts";
    }

    private static boolean choosesRenormalising(ModelFamily family) {
        return family == ModelFamily.QWEN3_MOE || family == ModelFamily.OLMOE;
    }

    /// The experts of a model whose configuration lacks all keys.
    static Experts usual(ModelFamily family) {
        return switch (family) {
            case QWEN3_MOE -> new Experts(128, 8, false);
            case OLMOE -> new Experts(64, 8, false);
            default -> new Experts(8, 2, true);
        };
    }

    static Experts read(JsonFields fields, ModelFamily family) {
        Experts usual = usual(family);
        if (family == ModelFamily.QWEN3_MOE) {
            requireInAllLayers(fields);
        }
        return new Experts(
                fields.optionalInt(countKey(family)).orElse(usual.count()),
                fields.optionalInt(PER_TOKEN).orElse(usual.chosen()),
                choosesRenormalising(family)
                        ? fields.optionalBoolean(RENORMALISED).orElse(false)
                        : usual.renormalised());
    }

    private static void requireInAllLayers(JsonFields fields) {
        int step = fields.optionalInt(SPARSE_STEP).orElse(1);
        List<Double> dense = fields.optionalDoubles(DENSE_LAYERS).orElse(List.of());
        Problems.requireAll(
                () -> InputException.require(
                        step == 1, SPARSE_STEP, "1: only experts in all layers are supported", step),
                () -> InputException.require(
                        dense.isEmpty(), DENSE_LAYERS, "empty: only experts in all layers are supported", dense));
    }

    void write(ModelFamily family, int width, ObjectNode json) {
        json.put(countKey(family), count);
        json.put(PER_TOKEN, chosen);
        if (choosesRenormalising(family)) {
            json.put(RENORMALISED, renormalised);
        }
        if (family == ModelFamily.QWEN3_MOE) {
            json.put(WIDTH, width);
        }
    }

    void requireFitting(int layers) {
        ValueChecks.range("the number of experts in all layers", (long) count * layers, 1, MAX_NETWORKS);
    }
}
