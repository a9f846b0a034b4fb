package dev.saiki.model.attention;

import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Rotary position embedding in the rotate-half form of Hugging Face's Llama.
///
/// The first half of a head's K rotated dimensions is rotated against the second: pair (i, i + K/2) turns by the
/// position times the frequency theta^(-2i/K) (Su et al., "RoFormer", arXiv:2104.09864, section 3.4), or times the
/// frequency that the model's {@link RopeScaling} derives from it. Some families rotate the pairs (2i, 2i + 1)
/// instead. Dimensions from K on are not rotated. Angles follow a token's true position, so a token keeps its
/// angle when its neighbours have left the recursion.
public final class RotaryEmbedding implements AutoCloseable {

    /// The number of positions whose angles are computed at first; a long context is rarely used in full.
    private static final int FIRST_POSITIONS = 2048;

    private final double[] frequencies;
    private final double magnitude;
    private final boolean pairsNeighbours;
    private final int maxPositions;
    private final DType dtype;
    private final Device device;

    /// All tables created so far, kept because a thread may still read one while another thread replaces it
    /// with a longer one.
    private final List<AngleTable> made = new ArrayList<>();

    private volatile AngleTable table;

    /// The angles of the first positions.
    ///
    /// @param cosine `[positions, 1, K/2]`
    /// @param sine `[positions, 1, K/2]`
    /// @param positions the number of positions
    private record AngleTable(Tensor cosine, Tensor sine, int positions) {}

    /// The angles of a set of tokens.
    ///
    /// @param cosine `[n, 1, K/2]`
    /// @param sine `[n, 1, K/2]`
    /// @param negativeSine `[n, 1, K/2]`
    /// @param pairsNeighbours whether neighbouring dimensions are a pair
    public record Rotation(Tensor cosine, Tensor sine, Tensor negativeSine, boolean pairsNeighbours) {}

    /// Creates the embedding of a model. Angles are computed in double precision; the angles of a long context are
    /// computed once their positions are reached.
    ///
    /// @param frequencies the K/2 angles by which pairs rotate from one position to the next, in radians
    /// @param magnitude the factor of rotated elements
    /// @param pairsNeighbours whether neighbouring dimensions are a pair
    /// @param maxPositions number of positions
    /// @param dtype the format in which rotations are computed
    /// @param device the device of the rotations
    public RotaryEmbedding(
            double[] frequencies,
            double magnitude,
            boolean pairsNeighbours,
            int maxPositions,
            DType dtype,
            Device device) {
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
        this.pairsNeighbours = pairsNeighbours;
        this.maxPositions = maxPositions;
        this.dtype = dtype;
        this.device = device;
        this.table = compute(Math.min(maxPositions, FIRST_POSITIONS));
        this.made.add(table);
    }

    private AngleTable tableOf(int positions) {
        AngleTable known = table;
        return positions <= known.positions() ? known : extend(positions);
    }

    private synchronized AngleTable extend(int positions) {
        if (positions > table.positions()) {
            table = compute(Math.max(positions, Math.min(maxPositions, 2 * table.positions())));
            made.add(table);
        }
        return table;
    }

    private AngleTable compute(int positions) {
        int half = frequencies.length;
        float[] cosines = new float[positions * half];
        float[] sines = new float[positions * half];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < half; i++) {
                cosines[position * half + i] = (float) (magnitude * Math.cos(position * frequencies[i]));
                sines[position * half + i] = (float) (magnitude * Math.sin(position * frequencies[i]));
            }
        }
        try (TensorScope _ = TensorScope.open()) {
            return new AngleTable(
                    TensorScope.release(Tensors.on(device).of(cosines, positions, 1, half)),
                    TensorScope.release(Tensors.on(device).of(sines, positions, 1, half)),
                    positions);
        }
    }

    /// Selects the angles of the active tokens.
    ///
    /// @param active the tokens
    /// @return the tokens' angles, in packed order
    public Rotation rotationOf(ActiveTokens active) {
        AngleTable angles = tableOf(active.time());
        Tensor positions = active.positionRows();
        Tensor sines = angles.sine().rows(positions).to(dtype);
        return new Rotation(angles.cosine().rows(positions).to(dtype), sines, sines.negate(), pairsNeighbours);
    }

    /// Rotates queries or keys.
    ///
    /// @param heads `[n, H, headDim]`
    /// @param rotation the angles of the n tokens
    /// @return `[n, H, headDim]`
    public static Tensor rotate(Tensor heads, Rotation rotation) {
        long half = rotation.cosine().size(-1);
        List<Tensor> pieces = rotation.pairsNeighbours() ? ofPairs(heads, half) : heads.split(-1, half);
        Tensor first = pieces.get(0);
        Tensor second = pieces.get(1);
        Tensor left = first.multiply(rotation.cosine()).addProduct(second, rotation.negativeSine());
        Tensor right = second.multiply(rotation.cosine()).addProduct(first, rotation.sine());
        List<Tensor> unrotated = pieces.subList(2, pieces.size());
        return Tensors.concatenate(
                Stream.concat(
                                rotation.pairsNeighbours() ? Stream.of(paired(left, right)) : Stream.of(left, right),
                                unrotated.stream())
                        .toList(),
                -1);
    }

    /// The first elements of neighbouring pairs, the second ones, and the dimensions behind them.
    private static List<Tensor> ofPairs(Tensor heads, long half) {
        List<Tensor> turnedAndRest = heads.split(-1, 2 * half);
        Tensor pairs = turnedAndRest.getFirst().reshape(heads.size(0), heads.size(1), half, 2);
        List<Tensor> pieces = new ArrayList<>();
        for (int element = 0; element < 2; element++) {
            pieces.add(pairs.narrow(3, element, 1).reshape(heads.size(0), heads.size(1), half));
        }
        pieces.addAll(turnedAndRest.subList(1, turnedAndRest.size()));
        return pieces;
    }

    private static Tensor paired(Tensor first, Tensor second) {
        return Tensors.concatenate(List.of(first.unsqueeze(3), second.unsqueeze(3)), 3)
                .reshape(first.size(0), first.size(1), 2 * first.size(2));
    }

    @Override
    public synchronized void close() {
        for (AngleTable one : made) {
            one.cosine().close();
            one.sine().close();
        }
        made.clear();
    }
}
