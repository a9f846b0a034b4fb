package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Rotary position embedding in the rotate-half form of Hugging Face's Llama.
///
/// The first half of a head's dimensions is rotated against the second: pair (i, i + K/2) turns by
/// position · theta^(-2i/K) (Su et al., "RoFormer", arXiv:2104.09864, section 3.4), or by what the model's
/// {@link RopeScaling} makes of it. Angles belong to a token's true
/// position, so a token keeps its angle when its neighbours have left the recursion.
public final class RotaryEmbedding implements AutoCloseable {

    /// Positions whose angles are computed at first; a long context is rarely used up.
    private static final int FIRST_POSITIONS = 2048;

    private final double[] frequencies;
    private final double magnitude;
    private final int maxPositions;
    private final DType dtype;
    private @Nullable Tensor cosine;
    private @Nullable Tensor sine;
    private int computed;

    /// The angles of a set of tokens.
    ///
    /// @param cosine `[n, 1, K/2]`
    /// @param sine `[n, 1, K/2]`
    /// @param negativeSine `[n, 1, K/2]`
    public record Rotation(Tensor cosine, Tensor sine, Tensor negativeSine) {}

    /// Makes the embedding of a model; angles are computed in double precision when positions are first met.
    ///
    /// @param headDim K, even
    /// @param maxPositions number of positions
    /// @param theta base of the geometric series of frequencies
    /// @param scaling what is made of the frequencies
    /// @param dtype the format in which rotations are made
    public RotaryEmbedding(int headDim, int maxPositions, double theta, RopeScaling scaling, DType dtype) {
        this.frequencies = scaling.frequencies(headDim, theta);
        this.magnitude = scaling.magnitude();
        this.maxPositions = maxPositions;
        this.dtype = dtype;
    }

    private void computeUpTo(int positions) {
        if (positions <= computed) {
            return;
        }
        int enough = Math.max(positions, Math.min(maxPositions, Math.max(FIRST_POSITIONS, 2 * computed)));
        int half = frequencies.length;
        float[] cosines = new float[enough * half];
        float[] sines = new float[enough * half];
        for (int position = 0; position < enough; position++) {
            for (int i = 0; i < half; i++) {
                cosines[position * half + i] = (float) (magnitude * Math.cos(position * frequencies[i]));
                sines[position * half + i] = (float) (magnitude * Math.sin(position * frequencies[i]));
            }
        }
        close();
        try (TensorScope _ = TensorScope.open()) {
            this.cosine = TensorScope.release(Tensors.of(cosines, enough, 1, half));
            this.sine = TensorScope.release(Tensors.of(sines, enough, 1, half));
        }
        this.computed = enough;
    }

    /// Picks the angles of the active tokens.
    ///
    /// @param active the tokens
    /// @return their angles, in packed order
    public Rotation rotationOf(ActiveTokens active) {
        computeUpTo(active.time());
        Tensor positions = active.positionRows();
        Tensor sines = Objects.requireNonNull(sine).rows(positions).to(dtype);
        return new Rotation(Objects.requireNonNull(cosine).rows(positions).to(dtype), sines, sines.negate());
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
        if (cosine != null) {
            cosine.close();
        }
        if (sine != null) {
            sine.close();
        }
        cosine = null;
        sine = null;
        computed = 0;
    }
}
