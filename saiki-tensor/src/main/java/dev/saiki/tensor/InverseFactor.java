package dev.saiki.tensor;

import org.bytedeco.pytorch.global.torch;

/// The Cholesky factor of a matrix's inverse.
public final class InverseFactor {

    private InverseFactor() {}

    /// Factorizes the inverse of a matrix.
    ///
    /// @param matrix FLOAT32 or FLOAT64 `[n, n]`, symmetric and positive definite
    /// @return U, `[n, n]`, upper triangular, with Uᵀ · U equal to the inverse
    public static Tensor of(Tensor matrix) {
        TorchRuntime.ensureLoaded();
        try (TensorScope _ = TensorScope.open()) {
            Tensor lower = Tensor.of(torch.linalg_cholesky(matrix.handle()));
            Tensor inverse = Tensor.of(torch.cholesky_inverse(lower.handle()));
            return TensorScope.release(Tensor.of(torch.linalg_cholesky(inverse.handle(), true)));
        }
    }
}
