package dev.saiki.model.routing;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The active tokens of a recursion step, and the index tensors that gather them.
///
/// Tokens are packed: one row each, sequence by sequence, in order of position, so that the matrix products of a
/// step spend nothing on exited tokens. Attention needs a rectangle `[B, C]` instead, where C is the largest
/// number of active tokens in a sequence; shorter sequences are padded on the right, where their causal queries
/// never attend. If all sequences have equally many active tokens, the packed rows already form that rectangle.
///
/// A set can be padded so that rows and rectangle have few distinct sizes: oneDNN compiles a matrix product for
/// every size, and caches about the last thousand products.
///
/// Index tensors are created on first use and freed when the set is closed.
public final class ActiveTokens implements AutoCloseable {

    private final Device device;
    private final int time;
    private final int[][] positions;
    private final int multiple;
    private final int count;
    private final int longest;
    private final boolean even;
    private final List<Tensor> owned = new ArrayList<>();
    private @Nullable Tensor rows;
    private @Nullable Tensor positionRows;
    private @Nullable Tensor toGrid;
    private @Nullable Tensor fromGrid;
    private @Nullable Tensor causalMask;
    private @Nullable Tensor visibleKeys;
    private final Map<Integer, Tensor> ownKeysWithin = new HashMap<>();
    private final Map<Integer, Tensor> allKeysWithin = new HashMap<>();

    private ActiveTokens(Device device, int time, int[][] positions, int multiple) {
        this.device = device;
        this.time = time;
        this.positions = positions;
        this.multiple = multiple;
        int total = 0;
        int max = 0;
        boolean equal = true;
        for (int[] sequence : positions) {
            total += sequence.length;
            max = Math.max(max, sequence.length);
            equal &= sequence.length == positions[0].length;
        }
        this.count = total;
        this.longest = filled(max);
        this.even = equal && (positions.length == 1 || longest == max);
    }

    /// Creates the set of all tokens.
    ///
    /// @param device the device of the set's index tensors
    /// @param batch number of sequences
    /// @param time tokens per sequence
    /// @return the set
    public static ActiveTokens all(Device device, int batch, int time) {
        int[] every = new int[time];
        Arrays.setAll(every, t -> t);
        int[][] positions = new int[batch][];
        Arrays.fill(positions, every);
        return new ActiveTokens(device, time, positions, 1);
    }

    /// Creates a set from positions.
    ///
    /// @param device the device of the set's index tensors
    /// @param time tokens per sequence, active or not
    /// @param positions the positions per sequence, in ascending order
    /// @return the set
    public static ActiveTokens of(Device device, int time, int[][] positions) {
        return new ActiveTokens(device, time, positions, 1);
    }

    /// Returns the same set with its own index tensors.
    ///
    /// @return the set
    public ActiveTokens copy() {
        return new ActiveTokens(device, time, positions, multiple);
    }

    /// Returns the same set with padding, so that the number of its packed rows and the width of its
    /// attention rectangle are multiples of a number. The results for padding rows are meaningless.
    ///
    /// @param multiple the number that divides both, at least 1
    /// @return the set
    public ActiveTokens filledUp(int multiple) {
        return new ActiveTokens(device, time, positions, multiple);
    }

    /// Returns a subset of these tokens.
    ///
    /// @param some positions per sequence, in ascending order
    /// @return the set, on the same device
    ActiveTokens some(int[][] some) {
        return new ActiveTokens(device, time, some, 1);
    }

    /// Returns the set of the tokens that are not active.
    ///
    /// @return the set, on the same device
    public ActiveTokens others() {
        int[][] rest = new int[positions.length][];
        for (int b = 0; b < positions.length; b++) {
            boolean[] isActive = new boolean[time];
            for (int position : positions[b]) {
                isActive[position] = true;
            }
            rest[b] = IntStream.range(0, time)
                    .filter(position -> !isActive[position])
                    .toArray();
        }
        return some(rest);
    }

    /// Returns the device of the index tensors.
    ///
    /// @return the device
    public Device device() {
        return device;
    }

    /// Returns the number of sequences.
    ///
    /// @return the number of sequences B
    public int batch() {
        return positions.length;
    }

    /// Returns the number of tokens per sequence, active or not.
    ///
    /// @return the number of tokens T
    public int time() {
        return time;
    }

    /// Returns the number of active tokens.
    ///
    /// @return the number of active tokens n
    public int count() {
        return count;
    }

    /// Returns the number of packed rows to compute: the active tokens and the padding.
    ///
    /// @return the number of rows n' ≥ n
    public int computedRows() {
        return filled(count);
    }

    private int filled(int number) {
        return (number + multiple - 1) / multiple * multiple;
    }

    /// Tells whether no token is active.
    ///
    /// @return whether n is 0
    public boolean isEmpty() {
        return count == 0;
    }

    /// Tells whether every token is active.
    ///
    /// @return whether n is B · T
    public boolean isAll() {
        return count == batch() * time;
    }

    /// Returns the active positions of a sequence.
    ///
    /// @param sequence the index of the sequence
    /// @return positions in ascending order; must not be modified
    public int[] positions(int sequence) {
        return positions[sequence];
    }

    /// Returns the width of the attention rectangle.
    ///
    /// @return the width C
    public int longest() {
        return longest;
    }

    /// Returns the row of each active token among all tokens.
    ///
    /// @return INT64 `[n]`, values b · T + t
    public Tensor rows() {
        if (rows == null) {
            long[] values = new long[count];
            int next = 0;
            for (int b = 0; b < positions.length; b++) {
                for (int position : positions[b]) {
                    values[next++] = (long) b * time + position;
                }
            }
            rows = own(Tensors.on(device).of(values, count));
        }
        return rows;
    }

    /// Returns the position of each active token in its sequence; 0 for padding.
    ///
    /// @return INT64 `[n']`
    public Tensor positionRows() {
        if (positionRows == null) {
            long[] values = new long[computedRows()];
            int next = 0;
            for (int[] sequence : positions) {
                for (int position : sequence) {
                    values[next++] = position;
                }
            }
            positionRows = own(Tensors.on(device).of(values, values.length));
        }
        return positionRows;
    }

    /// Arranges packed rows as the attention rectangle.
    ///
    /// @param packed `[n', …]`
    /// @return `[B · C, …]`; the padding of a short sequence is a copy of another row of the batch
    public Tensor toGrid(Tensor packed) {
        if (even) {
            return packed;
        }
        if (toGrid == null) {
            long[] values = new long[batch() * longest];
            int first = 0;
            for (int b = 0; b < positions.length; b++) {
                for (int c = 0; c < longest; c++) {
                    values[b * longest + c] = c < positions[b].length ? first + c : 0;
                }
                first += positions[b].length;
            }
            toGrid = own(Tensors.on(device).of(values, values.length));
        }
        return packed.rows(toGrid);
    }

    /// Packs the attention rectangle, dropping the padding of short sequences.
    ///
    /// @param grid `[B · C, …]`
    /// @return `[n', …]`; padding rows are copies of the rectangle's first row
    public Tensor fromGrid(Tensor grid) {
        if (even) {
            return grid;
        }
        if (fromGrid == null) {
            long[] values = new long[computedRows()];
            int next = 0;
            for (int b = 0; b < positions.length; b++) {
                for (int c = 0; c < positions[b].length; c++) {
                    values[next++] = (long) b * longest + c;
                }
            }
            fromGrid = own(Tensors.on(device).of(values, values.length));
        }
        return grid.rows(fromGrid);
    }

    /// Returns the causal mask of the rectangle's queries over the rectangle's own keys.
    ///
    /// @param dtype the format of the scores that the mask is added to
    /// @return `[C, C]`, 0 where the query may attend to the key and negative infinity elsewhere
    public Tensor causalMask(DType dtype) {
        if (causalMask == null) {
            float[] values = new float[longest * longest];
            for (int query = 0; query < longest; query++) {
                hide(values, query * longest + query + 1, (query + 1) * longest);
            }
            causalMask = own(Tensors.on(device).of(values, longest, longest).to(dtype));
        }
        return causalMask;
    }

    /// Returns the causal mask of the rectangle's queries over the keys of all positions.
    ///
    /// @param dtype the format of the scores that the mask is added to
    /// @return `[B, 1, 1, C, T]`, 0 where the query may attend to the key and negative infinity elsewhere
    public Tensor visibleKeys(DType dtype) {
        if (visibleKeys == null) {
            float[] values = new float[batch() * longest * time];
            for (int b = 0; b < positions.length; b++) {
                for (int c = 0; c < longest; c++) {
                    int last = c < positions[b].length ? positions[b][c] : 0;
                    int start = (b * longest + c) * time;
                    hide(values, start + last + 1, start + time);
                }
            }
            visibleKeys = own(
                    Tensors.on(device).of(values, batch(), 1, 1, longest, time).to(dtype));
        }
        return visibleKeys;
    }

    /// Returns the windowed causal mask of the rectangle's queries over the rectangle's own keys: a query
    /// attends to its own position and to earlier positions within the window.
    ///
    /// @param window the number of positions that a token attends to, including its own
    /// @param dtype the format of the scores that the mask is added to
    /// @return `[B, 1, C, C]`, or `[1, 1, C, C]` if all tokens are active
    public Tensor ownKeysWithin(int window, DType dtype) {
        return ownKeysWithin.computeIfAbsent(window, size -> {
            int sequences = isAll() ? 1 : batch();
            float[] values = new float[Math.multiplyExact(sequences, longest * longest)];
            for (int b = 0; b < sequences; b++) {
                int first = 0;
                for (int c = 0; c < longest; c++) {
                    boolean isToken = c < positions[b].length;
                    while (isToken && positions[b][first] <= positions[b][c] - size) {
                        first++;
                    }
                    int start = (b * longest + c) * longest;
                    hide(values, start, start + (isToken ? first : 0));
                    hide(values, start + (isToken ? c : 0) + 1, start + longest);
                }
            }
            return own(Tensors.on(device)
                    .of(values, sequences, 1, longest, longest)
                    .to(dtype));
        });
    }

    /// Returns the windowed causal mask of the rectangle's queries over the keys of all positions.
    ///
    /// @param window the number of positions that a token attends to, including its own
    /// @param dtype the format of the scores that the mask is added to
    /// @return `[B, 1, C, T]`
    public Tensor allKeysWithin(int window, DType dtype) {
        return allKeysWithin.computeIfAbsent(window, size -> {
            float[] values = new float[Math.multiplyExact(batch(), longest * time)];
            for (int b = 0; b < positions.length; b++) {
                for (int c = 0; c < longest; c++) {
                    int last = c < positions[b].length ? positions[b][c] : 0;
                    int start = (b * longest + c) * time;
                    hide(values, start, start + Math.max(0, last - size + 1));
                    hide(values, start + last + 1, start + time);
                }
            }
            return own(Tensors.on(device).of(values, batch(), 1, longest, time).to(dtype));
        });
    }

    @Override
    public void close() {
        owned.forEach(Tensor::close);
        owned.clear();
    }

    private Tensor own(Tensor tensor) {
        owned.add(TensorScope.release(tensor));
        return tensor;
    }

    private static void hide(float[] mask, int from, int to) {
        Arrays.fill(mask, from, to, Float.NEGATIVE_INFINITY);
    }
}
