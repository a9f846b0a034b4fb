package dev.saiki.model;

import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The rows of a micro-batch, and which of their tokens are learnt.
///
/// @param ids equally long; each row's ids but the last are read, and those but the first can be learnt
/// @param learnt for each id whether it is learnt, at least one a micro-batch; empty if all but each row's first are
@SuppressWarnings("ArrayRecordComponent") // Many and large; compared by nobody.
public record TrainingRows(int[][] ids, Optional<boolean[][]> learnt) {

    /// Makes rows that are learnt completely.
    ///
    /// @param ids equally long
    /// @return the rows
    public static TrainingRows of(int[][] ids) {
        return new TrainingRows(ids, Optional.empty());
    }

    /// Makes one row that is learnt in part.
    ///
    /// @param ids the row
    /// @param learnt for each id whether it is learnt; the first cannot be
    /// @return the row
    public static TrainingRows of(int[] ids, boolean[] learnt) {
        return new TrainingRows(new int[][] {ids}, Optional.of(new boolean[][] {learnt}));
    }

    /// Returns the number of rows.
    ///
    /// @return B
    public int batch() {
        return ids.length;
    }

    /// Returns the number of tokens of a row that the model reads.
    ///
    /// @return T
    public int time() {
        return ids[0].length - 1;
    }

    /// Counts the tokens that are learnt.
    ///
    /// @return how many, over all rows
    public int numTargets() {
        return learnt.isEmpty() ? batch() * time() : placesOfLearnt().length;
    }

    /// What the model reads: INT64 `[B · T]`, in the caller's scope.
    Tensor inputs(Device device) {
        return Tensors.on(device).of(TrainingPass.flatten(ids, 0), (long) batch() * time());
    }

    /// What it learns to write: INT64 `[targets]`, in the caller's scope.
    Tensor targets(Device device) {
        long[] all = TrainingPass.flatten(ids, 1);
        if (learnt.isEmpty()) {
            return Tensors.on(device).of(all, all.length);
        }
        long[] some = placesOfLearnt();
        for (int i = 0; i < some.length; i++) {
            some[i] = all[(int) some[i]];
        }
        return Tensors.on(device).of(some, some.length);
    }

    /// Which rows of the states the targets are predicted from: INT64 `[targets]`, in the caller's scope; null for
    /// all of them.
    @Nullable
    Tensor places(Device device) {
        if (learnt.isEmpty()) {
            return null;
        }
        long[] places = placesOfLearnt();
        return Tensors.on(device).of(places, places.length);
    }

    /// Picks what belongs to the targets.
    ///
    /// @param ofTokens `[B · T, …]`
    /// @param places what {@link #places} returned
    /// @return `[targets, …]`; all of it without places
    static Tensor picked(Tensor ofTokens, @Nullable Tensor places) {
        return places == null ? ofTokens : ofTokens.rows(places);
    }

    private long[] placesOfLearnt() {
        boolean[][] marks = learnt.orElseThrow();
        int time = time();
        long[] places = new long[batch() * time];
        int count = 0;
        for (int b = 0; b < batch(); b++) {
            for (int t = 0; t < time; t++) {
                if (marks[b][t + 1]) {
                    places[count++] = (long) b * time + t;
                }
            }
        }
        return Arrays.copyOf(places, count);
    }
}
