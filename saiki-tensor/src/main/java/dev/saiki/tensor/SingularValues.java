package dev.saiki.tensor;

import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.global.torch;

/// The singular value decomposition of a matrix `[m, n]`: U · diag(S) · V, with k = min(m, n).
///
/// @param left U, `[m, k]`, with columns of length 1
/// @param values S, `[k]`, in descending order
/// @param right V, `[k, n]`, with rows of length 1
public record SingularValues(Tensor left, Tensor values, Tensor right) {

    /// Decomposes a matrix.
    ///
    /// @param matrix FLOAT32 or FLOAT64 `[m, n]`
    /// @return the decomposition of the matrix
    public static SingularValues of(Tensor matrix) {
        TorchRuntime.ensureLoaded();
        try (T_TensorTensorTensor_T parts = torch.linalg_svd(matrix.handle(), false, null)) {
            return new SingularValues(copy(parts.get0()), copy(parts.get1()), copy(parts.get2()));
        }
    }

    /// A new handle, because the tuple's handles are freed with the tuple.
    private static Tensor copy(org.bytedeco.pytorch.Tensor part) {
        return Tensor.of(torch.clone(part));
    }
}
