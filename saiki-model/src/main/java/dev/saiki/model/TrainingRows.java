package dev.saiki.model;

import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The rows of a micro-batch with the weights of their targets.
///
/// @param ids rows of equal length; all ids but the last are read, and all but the first can be targets
/// @param weights for each id how many times it counts as a target, 0 for never, with at least one target in the
///     micro-batch; empty if all but the first of each row count once
@SuppressWarnings("ArrayRecordComponent") // The arrays are large, and records are not compared.
public record TrainingRows(int[][] ids, Optional<int[][]> weights) {

    /// Returns rows in which every token but the first is a target.
    ///
    /// @param ids rows of equal length
    /// @return the rows
    public static TrainingRows of(int[][] ids) {
        return new TrainingRows(ids, Optional.empty());
    }

    /// Returns a single row with a target mask.
    ///
    /// @param ids the row
    /// @param learnt whether each id is a target; the first id cannot be one
    /// @return the row
    public static TrainingRows of(int[] ids, boolean[] learnt) {
        int[] weights = new int[learnt.length];
        Arrays.setAll(weights, i -> learnt[i] ? 1 : 0);
        return new TrainingRows(new int[][] {ids}, Optional.of(new int[][] {weights}));
    }

    /// Returns the number of rows.
    ///
    /// @return the number of rows B
    public int batch() {
        return ids.length;
    }

    /// Returns the number of tokens of a row that the model reads.
    ///
    /// @return the number of tokens T
    public int time() {
        return ids[0].length - 1;
    }

    /// Returns the number of targets.
    ///
    /// @return the sum of the weights, over all rows
    public int numTargets() {
        return weights.map(rows -> Arrays.stream(rows)
                        .mapToInt(row -> Arrays.stream(row).skip(1).sum())
                        .sum())
                .orElseGet(() -> batch() * time());
    }

    /// The model's input: INT64 `[B · T]`, in the caller's scope.
    Tensor inputs(Device device) {
        return Tensors.on(device).of(TrainingPass.flatten(ids, 0), (long) batch() * time());
    }

    /// The targets: INT64 `[targets]`, in the caller's scope.
    Tensor targets(Device device) {
        long[] all = TrainingPass.flatten(ids, 1);
        if (weights.isEmpty()) {
            return Tensors.on(device).of(all, all.length);
        }
        long[] some = weightedPlaces();
        for (int i = 0; i < some.length; i++) {
            some[i] = all[(int) some[i]];
        }
        return Tensors.on(device).of(some, some.length);
    }

    /// The rows of the states from which the targets are predicted, each as often as its target counts: INT64
    /// `[targets]`, in the caller's scope; null
    /// for all rows.
    @Nullable
    Tensor places(Device device) {
        if (weights.isEmpty()) {
            return null;
        }
        long[] places = weightedPlaces();
        return Tensors.on(device).of(places, places.length);
    }

    /// Selects the rows that belong to the targets.
    ///
    /// @param ofTokens `[B · T, …]`
    /// @param places the rows that {@link #places} returned
    /// @return `[targets, …]`; all rows if `places` is null
    static Tensor picked(Tensor ofTokens, @Nullable Tensor places) {
        return places == null ? ofTokens : ofTokens.rows(places);
    }

    private long[] weightedPlaces() {
        int[][] ofIds = weights.orElseThrow();
        int time = time();
        return IntStream.range(0, batch() * time)
                .mapMulti((place, repeated) -> {
                    for (int i = 0; i < ofIds[place / time][place % time + 1]; i++) {
                        repeated.accept(place);
                    }
                })
                .asLongStream()
                .toArray();
    }
}
