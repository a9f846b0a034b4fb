package dev.saiki.model.routing;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
    private final Map<Integer, Tensor> ownKeysWithin = new HashMap<>();
    private final Map<OptionalInt, Tensor> allKeys = new HashMap<>();

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
            Tensor indices = firstNumbers(longest);
            causalMask = own(Functional.attentionMask(
                    indices.reshape(-1, 1), indices.reshape(1, -1), OptionalInt.empty(), dtype));
        }
        return causalMask;
    }

    /// Returns the windowed causal mask of the rectangle's queries over the rectangle's own keys: a query
    /// attends to its own position and to earlier positions within the window.
    ///
    /// @param window the number of positions that a token attends to, including its own
    /// @param dtype the format of the scores that the mask is added to
    /// @return `[B, 1, C, C]`, or `[1, 1, C, C]` if all tokens are active
    public Tensor ownKeysWithin(int window, DType dtype) {
        return ownKeysWithin.computeIfAbsent(window, size -> {
            long[] keys = new long[(isAll() ? 1 : batch()) * longest];
            Arrays.setAll(keys, i -> {
                int[] sequence = positions[i / longest];
                int c = i % longest;
                // Position T hides padding from every query. But a query must see a key, even in an empty sequence.
                return c < sequence.length ? sequence[c] : c == 0 ? 0 : time;
            });
            Tensor places = Tensors.on(device).of(keys, keys.length).reshape(-1, 1, 1, longest);
            Tensor queries = queryPositions().narrow(0, 0, places.size(0));
            return own(Functional.attentionMask(queries, places, OptionalInt.of(size), dtype));
        });
    }

    /// Returns the causal mask of the rectangle's queries over the keys of all positions.
    ///
    /// @param window the number of positions that a token attends to, including its own; empty for all earlier ones
    /// @param dtype the format of the scores that the mask is added to
    /// @return `[B, 1, C, T]`, 0 where the query may attend to the key and negative infinity elsewhere
    public Tensor allKeys(OptionalInt window, DType dtype) {
        return allKeys.computeIfAbsent(
                window,
                size -> own(Functional.attentionMask(
                        queryPositions(), firstNumbers(time).reshape(1, 1, 1, time), size, dtype)));
    }

    /// The positions of the rectangle's queries, `[B, 1, C, 1]`; padding is at the first position of its sequence.
    private Tensor queryPositions() {
        long[] values = new long[batch() * longest];
        Arrays.setAll(values, i -> {
            int[] sequence = positions[i / longest];
            int c = i % longest;
            return sequence.length == 0 ? 0 : sequence[c < sequence.length ? c : 0];
        });
        return Tensors.on(device).of(values, values.length).reshape(-1, 1, longest, 1);
    }

    private Tensor firstNumbers(int count) {
        long[] values = new long[count];
        Arrays.setAll(values, i -> i);
        return Tensors.on(device).of(values, count);
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
}
