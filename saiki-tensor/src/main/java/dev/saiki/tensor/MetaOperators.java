package dev.saiki.tensor;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.global.torch;

/// The operators without a kernel for the device `meta`, each with a substitute.
///
/// A substitute consists of operators that have a `meta` kernel. The substitute returns the same result as the
/// operator and makes the same check as the kernels of other devices: that all operands are on one device.
final class MetaOperators {

    private MetaOperators() {}

    /// Tells whether operators need their substitutes for an operand.
    static boolean isFor(Tensor operand) {
        return operand.handle().is_meta();
    }

    /// Checks that all operands are on one device.
    ///
    /// @throws TensorException if an operand is not on the device of the first operand
    static void require(String operator, Tensor... operands) {
        Device device = operands[0].device();
        for (Tensor operand : operands) {
            if (!operand.device().equals(device)) {
                throw new TensorException(operator + " needs all tensors on one device, got " + device + " and "
                        + operand.device() + " (" + operand + ")");
            }
        }
    }

    static Tensor rows(Tensor input, Tensor index) {
        require("index_select", input, index);
        return input.gather(0, spread(index, input));
    }

    static Tensor addRows(Tensor input, Tensor index, Tensor source) {
        require("index_add", input, index, source);
        return Tensor.of(input.handle().scatter_add(0, spread(index, input).handle(), source.handle()));
    }

    static Tensor replaceRows(Tensor input, Tensor index, Tensor source) {
        require("index_copy", input, index, source);
        return Tensor.of(input.handle().scatter(0, spread(index, input).handle(), source.handle()));
    }

    /// An index of rows, expanded to each of their elements.
    private static Tensor spread(Tensor index, Tensor input) {
        long[] column = new long[input.dimensions()];
        Arrays.fill(column, 1);
        column[0] = index.count();
        long[] shape = input.shape();
        shape[0] = index.count();
        return Tensor.of(index.reshape(column).handle().expand(shape));
    }

    static Tensor attention(Tensor query, Tensor key, Tensor value, Tensor mask) {
        require("scaled_dot_product_attention", query, key, value, mask);
        return Functional.maskedAttention(query, key, value, mask, OptionalDouble.empty());
    }

    static Tensor causalAttention(Tensor query, Tensor key, Tensor value) {
        return attention(query, key, value, Tensors.like(query).zeros(query.dtype(), query.size(2), key.size(2)));
    }

    static Tensor logSumExp(Tensor input, int dimension) {
        require("logsumexp", input);
        return input.subtract(Functional.logSoftmax(input, dimension)).mean(dimension);
    }

    static Tensor binaryCrossEntropy(Tensor logits, Tensor targets, Tensor weights) {
        require("binary_cross_entropy_with_logits", logits, targets, weights);
        return Tensor.of(torch.softplus(logits.handle()))
                .subtract(logits.multiply(targets))
                .multiply(weights)
                .mean();
    }
}
