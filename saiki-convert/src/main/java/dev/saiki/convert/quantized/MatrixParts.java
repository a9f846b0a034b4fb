package dev.saiki.convert.quantized;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The tensors of a quantized matrix.
///
/// @param where the model's folder, for messages
/// @param base what the names of the tensors have in common, up to the last point
/// @param stored all tensors of the folder by name
record MatrixParts(String where, String base, Map<String, StoredTensor> stored) {

    /// The formats of scales, one of which is the format of the dequantized matrix.
    static final List<StoredType> FLOATS = List.of(StoredType.F16, StoredType.BF16, StoredType.F32);

    /// The name of the dequantized matrix.
    String name() {
        return base + ".weight";
    }

    boolean has(String ending) {
        return stored.containsKey(base + ending);
    }

    /// Returns the tensor that determines the size of the matrix.
    StoredTensor matrix(String ending, StoredType type) {
        @Nullable StoredTensor tensor = stored.get(base + ending);
        boolean valid = tensor != null
                && tensor.type() == type
                && tensor.shape().size() == 2
                && !tensor.shape().contains(0L);
        if (tensor == null || !valid) {
            throw wrong(ending, type + " with two sizes, neither of them 0");
        }
        return tensor;
    }

    /// Returns a tensor whose shape follows from the size of the matrix.
    StoredTensor tensor(String ending, List<StoredType> types, List<Long> shape) {
        @Nullable StoredTensor tensor = stored.get(base + ending);
        if (tensor == null || !types.contains(tensor.type()) || !tensor.shape().equals(shape)) {
            throw wrong(
                    ending,
                    types.stream().map(StoredType::name).collect(Collectors.joining(" or ")) + " of shape " + shape);
        }
        return tensor;
    }

    private InputException wrong(String ending, String allowed) {
        @Nullable StoredTensor tensor = stored.get(base + ending);
        String got = tensor == null ? "nothing" : tensor.type() + " of shape " + tensor.shape();
        return InputException.of(where, "tensor " + base + ending, allowed, got);
    }
}
