package dev.saiki.tensor;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// The functions of a transformer.
///
/// Shape letters: `n` rows, `d` width, `B` batch, `H` query heads, `G` key-value heads, `Q` query positions, `S`
/// key positions, `K` head dimension, `V` vocabulary.
public final class Functional {

    private static final long REDUCTION_MEAN = 1;

    static {
        TorchRuntime.ensureLoaded();
    }

    private Functional() {}

    /// Computes e to the power of each number.
    ///
    /// @param input any shape
    /// @return a tensor of that shape
    public static Tensor exp(Tensor input) {
        return Tensor.of(torch.exp(input.handle()));
    }

    /// Computes ln(1 + e^x) of each number x.
    ///
    /// @param input any shape
    /// @return a tensor of that shape
    public static Tensor softplus(Tensor input) {
        return Tensor.of(torch.softplus(input.handle()));
    }

    /// Sets elements to 0 at random, each with the same probability, and divides the other elements by the
    /// probability of being kept.
    ///
    /// @param input any shape
    /// @param rate the probability that an element becomes 0, from 0 to below 1
    /// @param seed the seed; the result does not depend on the number of threads
    /// @return a tensor of that shape
    public static Tensor dropout(Tensor input, double rate, long seed) {
        Tensor kept = Tensors.like(input).bernoulli(input.dtype(), 1 - rate, seed, input.shape());
        return input.multiply(kept.multiplyInPlace(1 / (1 - rate)));
    }

    /// Multiplies rows by a weight matrix.
    ///
    /// @param input `[…, in]`
    /// @param weight `[out, in]`
    /// @return `[…, out]`
    public static Tensor linear(Tensor input, Tensor weight) {
        return Tensor.of(torch.linear(input.handle(), weight.handle()));
    }

    /// Multiplies rows by a weight matrix and adds a bias.
    ///
    /// @param input `[…, in]`
    /// @param weight `[out, in]`
    /// @param bias `[out]`
    /// @return `[…, out]`
    public static Tensor linear(Tensor input, Tensor weight, Tensor bias) {
        try (TensorOptional optionalBias = new TensorOptional(bias.handle())) {
            return Tensor.of(torch.linear(input.handle(), weight.handle(), optionalBias));
        }
    }

    /// Looks up a row of the table for each id.
    ///
    /// @param table `[V, d]`
    /// @param ids INT64 `[n]`
    /// @return `[n, d]`
    public static Tensor embedding(Tensor table, Tensor ids) {
        return MetaOperators.isFor(table)
                ? MetaOperators.rows(table, ids)
                : Tensor.of(torch.embedding(table.handle(), ids.handle()));
    }

    /// Divides every row by its root mean square, and multiplies the row by a weight.
    ///
    /// @param input `[…, d]`
    /// @param weight `[d]`
    /// @param epsilon the constant added to the mean square
    /// @return `[…, d]`
    public static Tensor rmsNorm(Tensor input, Tensor weight, double epsilon) {
        try (TensorOptional optionalWeight = new TensorOptional(weight.handle());
                DoubleOptional optionalEpsilon = new DoubleOptional(epsilon)) {
            long[] shape = {weight.size(0)};
            return Tensor.of(torch.rms_norm(input.handle(), shape, optionalWeight, optionalEpsilon));
        }
    }

    /// Subtracts each row's mean, divides the row by its standard deviation, multiplies it by a weight and adds a
    /// bias.
    ///
    /// @param input `[…, width]`
    /// @param weight `[width]`
    /// @param bias `[width]`; empty for none
    /// @param epsilon number added to the variance
    /// @return the same shape
    public static Tensor layerNorm(Tensor input, Tensor weight, Optional<Tensor> bias, double epsilon) {
        try (TensorOptional optionalWeight = new TensorOptional(weight.handle());
                TensorOptional optionalBias =
                        bias.map(some -> new TensorOptional(some.handle())).orElseGet(TensorOptional::new)) {
            long[] shape = {weight.size(0)};
            return Tensor.of(torch.layer_norm(input.handle(), shape, optionalWeight, optionalBias, epsilon, true));
        }
    }

    /// Applies x · sigmoid(x).
    ///
    /// @param input any shape
    /// @return the same shape
    public static Tensor silu(Tensor input) {
        return Tensor.of(torch.silu(input.handle()));
    }

    /// Applies the Gaussian error linear unit in its exact (erf) form.
    ///
    /// @param input any shape
    /// @return the same shape
    public static Tensor gelu(Tensor input) {
        return Tensor.of(torch.gelu(input.handle()));
    }

    /// Applies the tanh approximation of the Gaussian error linear unit.
    ///
    /// @param input any shape
    /// @return the same shape
    public static Tensor geluByTanh(Tensor input) {
        return Tensor.of(torch.gelu(input.handle(), "tanh"));
    }

    /// Clamps every element to an interval.
    ///
    /// @param input any shape
    /// @param least the lower bound of the interval
    /// @param greatest the upper bound
    /// @return the same shape
    public static Tensor clamp(Tensor input, double least, double greatest) {
        try (Scalar low = new Scalar(least);
                ScalarOptional from = new ScalarOptional(low);
                Scalar high = new Scalar(greatest);
                ScalarOptional to = new ScalarOptional(high)) {
            return Tensor.of(torch.clamp(input.handle(), from, to));
        }
    }

    /// Applies the logistic function to every element.
    ///
    /// @param input any shape
    /// @return 1 / (1 + e^-x)
    public static Tensor sigmoid(Tensor input) {
        return Tensor.of(input.handle().sigmoid());
    }

    /// Applies the hyperbolic tangent to every element.
    ///
    /// @param input any shape
    /// @return tanh x
    public static Tensor tanh(Tensor input) {
        return Tensor.of(input.handle().tanh());
    }

    /// Computes the softmax along one dimension: positive shares that add up to one.
    ///
    /// @param input any shape
    /// @param dimension the dimension
    /// @return the softmax
    public static Tensor softmax(Tensor input, int dimension) {
        return Tensor.of(torch.softmax(input.handle(), dimension));
    }

    /// Computes the logarithm of the softmax along one dimension.
    ///
    /// @param input any shape
    /// @param dimension the dimension
    /// @return the log-softmax
    public static Tensor logSoftmax(Tensor input, int dimension) {
        return Tensor.of(torch.log_softmax(input.handle(), dimension));
    }

    /// Computes ln Σ e^x along one dimension, which is removed.
    ///
    /// @param input any shape
    /// @param dimension the dimension
    /// @return the logarithms
    public static Tensor logSumExp(Tensor input, int dimension) {
        return MetaOperators.isFor(input)
                ? MetaOperators.logSumExp(input, dimension)
                : Tensor.of(torch.logsumexp(input.handle(), new long[] {dimension}, false));
    }

    /// Attends causally with LibTorch's fused kernel: query i attends to keys 0 … i. If there are fewer key-value
    /// heads than query heads, a group of query heads shares each key-value head.
    ///
    /// @param query `[B, H, Q, K]`
    /// @param key `[B, G, Q, K]`, where G divides H
    /// @param value `[B, G, Q, K]`
    /// @return `[B, H, Q, K]`
    public static Tensor fusedCausalAttention(Tensor query, Tensor key, Tensor value) {
        if (MetaOperators.isFor(query)) {
            return MetaOperators.causalAttention(query, key, value);
        }
        try (TensorOptional noMask = new TensorOptional()) {
            return fused(query, key, value, noMask, true);
        }
    }

    /// Computes a causal mask: a query attends to the keys at its own position and at earlier ones.
    ///
    /// @param queries INT64 `[…, Q, 1]`, positions
    /// @param keys INT64 `[…, 1, S]`, positions
    /// @param window the number of positions that a query attends to, including its own; empty for all
    /// @param type the format of the mask
    /// @return `[…, Q, S]`, 0 where the query attends to the key and negative infinity elsewhere
    public static Tensor attentionMask(Tensor queries, Tensor keys, OptionalInt window, DType type) {
        try (Scalar hidden = new Scalar(Double.NEGATIVE_INFINITY)) {
            Tensor isHidden = Tensor.of(keys.handle().gt(queries.handle()));
            if (window.isPresent()) {
                isHidden = Tensor.of(isHidden.handle()
                        .logical_or(isBefore(queries, keys, window.getAsInt()).handle()));
            }
            Tensor mask = Tensors.like(keys).zeros(type, isHidden.shape());
            mask.handle().masked_fill_(isHidden.handle(), hidden);
            return mask;
        }
    }

    /// Marks the keys that lie before a query's window.
    private static Tensor isBefore(Tensor queries, Tensor keys, int window) {
        try (Scalar size = new Scalar((long) window)) {
            return Tensor.of(
                    keys.handle().le(Tensor.of(queries.handle().sub(size)).handle()));
        }
    }

    /// Attends under a mask with LibTorch's fused kernel, which does not store the scores.
    ///
    /// @param query `[B, H, Q, K]`
    /// @param key `[B, G, S, K]`, where G divides H
    /// @param value `[B, G, S, K]`
    /// @param mask `[B, 1, Q, S]` or `[1, 1, Q, S]` of the query's type, added to the scores: 0 or negative
    ///     infinity
    /// @return `[B, H, Q, K]`
    public static Tensor fusedMaskedAttention(Tensor query, Tensor key, Tensor value, Tensor mask) {
        if (MetaOperators.isFor(query)) {
            return MetaOperators.attention(query, key, value, mask.unsqueeze(1));
        }
        try (TensorOptional optionalMask = new TensorOptional(mask.handle())) {
            return fused(query, key, value, optionalMask, false);
        }
    }

    private static Tensor fused(Tensor query, Tensor key, Tensor value, TensorOptional mask, boolean causal) {
        try (DoubleOptional defaultScale = new DoubleOptional()) {
            boolean grouped = query.size(1) != key.size(1);
            return Tensor.of(torch.scaled_dot_product_attention(
                    query.handle(), key.handle(), value.handle(), mask, 0.0, causal, defaultScale, grouped));
        }
    }

    /// Bounds every element x by c · tanh(x / c).
    ///
    /// @param input any shape
    /// @param cap the bound c; empty to return the input
    /// @return the same shape
    public static Tensor softCap(Tensor input, OptionalDouble cap) {
        return cap.isPresent() ? tanh(input.multiply(1 / cap.getAsDouble())).multiply(cap.getAsDouble()) : input;
    }

    /// Attends under a mask, with matrix products and a softmax: softmax(query · keyᵀ / √K + mask) · value, where a cap
    /// bounds the scores before the mask.
    ///
    /// The query heads of a group are merged into the dimension Q, so that keys and values are not repeated.
    ///
    /// @param query `[B, H, Q, K]`
    /// @param key `[B, G, S, K]`, where G divides H
    /// @param value `[B, G, S, K]`
    /// @param mask `[Q, S]` or `[B, 1, 1, Q, S]` of the query's type, added to the scores: 0 or negative infinity
    /// @param cap the bound of the scores; empty for none
    /// @return `[B, H, Q, K]`
    public static Tensor maskedAttention(Tensor query, Tensor key, Tensor value, Tensor mask, OptionalDouble cap) {
        long batch = query.size(0);
        long groups = key.size(1);
        long perGroup = query.size(1) / groups;
        long queries = query.size(2);
        long headDim = query.size(3);
        double scale = 1 / Math.sqrt((double) headDim);
        Tensor stacked = query.multiply(scale).reshape(batch, groups, perGroup * queries, headDim);
        Tensor scores = stacked.matmul(key.transpose(2, 3)).reshape(batch, groups, perGroup, queries, key.size(2));
        Tensor shares =
                softmax(softCap(scores, cap).add(mask), -1).reshape(batch, groups, perGroup * queries, key.size(2));
        return shares.matmul(value).reshape(batch, groups * perGroup, queries, headDim);
    }

    /// Finds the maximum along one dimension, which is removed.
    ///
    /// @param input any shape
    /// @param dimension the dimension
    /// @return INT64, the indices of the maximum
    public static Tensor argMax(Tensor input, int dimension) {
        try (LongOptional wanted = new LongOptional(dimension)) {
            return Tensor.of(torch.argmax(input.handle(), wanted, false));
        }
    }

    /// Computes the Euclidean norm of all elements.
    ///
    /// @param input any shape
    /// @return a scalar
    public static Tensor norm(Tensor input) {
        return Tensor.of(torch.norm(input.handle()));
    }

    /// Averages the binary cross-entropy between logits and targets.
    ///
    /// @param logits any shape
    /// @param targets a tensor of the same shape, each element in [0, 1]
    /// @return a scalar, in nats
    public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor targets) {
        if (MetaOperators.isFor(logits)) {
            return MetaOperators.binaryCrossEntropy(logits, targets, targets);
        }
        try (TensorOptional noWeights = new TensorOptional();
                TensorOptional noPositiveWeights = new TensorOptional()) {
            return Tensor.of(torch.binary_cross_entropy_with_logits(
                    logits.handle(), targets.handle(), noWeights, noPositiveWeights, REDUCTION_MEAN));
        }
    }

    /// Averages the binary cross-entropy between logits and targets, with a weight for each element.
    ///
    /// @param logits any shape
    /// @param targets a tensor of the same shape, each element in [0, 1]
    /// @param weights a tensor of the same shape, each element 0 or more
    /// @return a scalar: the weighted sum in nats divided by the number of elements
    public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor targets, Tensor weights) {
        if (MetaOperators.isFor(logits)) {
            return MetaOperators.binaryCrossEntropy(logits, targets, weights);
        }
        try (TensorOptional elementWeights = new TensorOptional(weights.handle());
                TensorOptional noPositiveWeights = new TensorOptional()) {
            return Tensor.of(torch.binary_cross_entropy_with_logits(
                    logits.handle(), targets.handle(), elementWeights, noPositiveWeights, REDUCTION_MEAN));
        }
    }
}
