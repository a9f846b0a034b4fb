package dev.saiki.model.attention;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// Rotary position embedding in the rotate-half form of Hugging Face's Llama.
///
/// The first half of a head's dimensions is rotated against the second: pair (i, i + K/2) turns by
/// position · theta^(-2i/K) (Su et al., "RoFormer", arXiv:2104.09864, section 3.4). Angles belong to a token's true
/// position, so a token keeps its angle when its neighbours have left the recursion.
public final class RotaryEmbedding implements AutoCloseable {

    private final Tensor cosine;
    private final Tensor sine;
    private final DType dtype;

    /// The angles of a set of tokens.
    ///
    /// @param cosine `[n, 1, K/2]`
    /// @param sine `[n, 1, K/2]`
    /// @param negativeSine `[n, 1, K/2]`
    public record Rotation(Tensor cosine, Tensor sine, Tensor negativeSine) {}

    /// Computes the angles of every position.
    ///
    /// @param headDim K, even
    /// @param maxPositions number of positions
    /// @param theta base of the geometric series of frequencies
    /// @param dtype the format in which rotations are made; the angles are computed in double precision
    public RotaryEmbedding(int headDim, int maxPositions, double theta, DType dtype) {
        this.dtype = dtype;
        int half = headDim / 2;
        float[] cosines = new float[maxPositions * half];
        float[] sines = new float[maxPositions * half];
        for (int i = 0; i < half; i++) {
            double frequency = Math.pow(theta, -2.0 * i / headDim);
            for (int position = 0; position < maxPositions; position++) {
                cosines[position * half + i] = (float) Math.cos(position * frequency);
                sines[position * half + i] = (float) Math.sin(position * frequency);
            }
        }
        try (TensorScope _ = TensorScope.open()) {
            this.cosine = TensorScope.release(Tensors.of(cosines, maxPositions, 1, half));
            this.sine = TensorScope.release(Tensors.of(sines, maxPositions, 1, half));
        }
    }

    /// Picks the angles of the active tokens.
    ///
    /// @param active the tokens
    /// @return their angles, in packed order
    public Rotation rotationOf(ActiveTokens active) {
        Tensor positions = active.positionRows();
        Tensor sines = sine.rows(positions).to(dtype);
        return new Rotation(cosine.rows(positions).to(dtype), sines, sines.negate());
    }

    /// Rotates queries or keys.
    ///
    /// @param heads `[n, H, K]`
    /// @param rotation the angles of the n tokens
    /// @return `[n, H, K]`
    public static Tensor rotate(Tensor heads, Rotation rotation) {
        List<Tensor> halves = heads.split(-1, heads.size(-1) / 2);
        Tensor first = halves.get(0);
        Tensor second = halves.get(1);
        Tensor left = first.multiply(rotation.cosine()).addProduct(second, rotation.negativeSine());
        Tensor right = second.multiply(rotation.cosine()).addProduct(first, rotation.sine());
        return Tensors.concatenate(List.of(left, right), -1);
    }

    @Override
    public void close() {
        cosine.close();
        sine.close();
    }
}
