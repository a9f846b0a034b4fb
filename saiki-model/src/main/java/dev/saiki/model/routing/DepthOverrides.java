package dev.saiki.model.routing;

import java.util.Arrays;
import java.util.List;

/// Forced depths of tokens, which are interventions that show the effect of routing decisions.
///
/// A token that is sent on against the router's decision passes each further step with the gate that the router
/// gives it there, exactly as if the decision had been to continue.
public final class DepthOverrides {

    /// The entry of a token that is left to the router.
    public static final int AS_ROUTED = 0;

    /// No forced depths.
    public static final DepthOverrides NONE = new DepthOverrides(List.of());

    private final List<int[]> rows;

    private DepthOverrides(List<int[]> rows) {
        this.rows = rows;
    }

    /// Sets forced depths.
    ///
    /// @param rows one row per sequence, with an entry for each token: a depth from 1, or {@link #AS_ROUTED};
    ///     tokens beyond the end of a row are routed
    /// @return the depths
    /// @throws IllegalArgumentException if an entry is below 0
    public static DepthOverrides of(List<int[]> rows) {
        for (int[] row : rows) {
            for (int depth : row) {
                if (depth < AS_ROUTED) {
                    throw new IllegalArgumentException("a forced depth must be at least 0, got " + depth);
                }
            }
        }
        return new DepthOverrides(rows.stream().map(int[]::clone).toList());
    }

    /// Forces all tokens to one depth.
    ///
    /// @param sequences one array per sequence, as long as the sequence
    /// @param depth the depth of every token, from 1, or {@link #AS_ROUTED}
    /// @return the depths
    /// @throws IllegalArgumentException if the depth is below 0
    public static DepthOverrides uniform(List<int[]> sequences, int depth) {
        return of(sequences.stream()
                .map(ids -> {
                    int[] depths = new int[ids.length];
                    Arrays.fill(depths, depth);
                    return depths;
                })
                .toList());
    }

    /// Tells whether no depth is forced.
    ///
    /// @return true if there are no rows
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    /// Selects the rows of adjacent sequences.
    ///
    /// @param from the index of the first sequence
    /// @param to the index after the last sequence
    /// @return the depths of these sequences
    /// @throws IllegalArgumentException if there are fewer rows
    public DepthOverrides ofSequences(int from, int to) {
        if (!isEmpty() && to > rows.size()) {
            throw new IllegalArgumentException("forced depths must cover " + to + " sequences, got " + rows.size());
        }
        return isEmpty() ? this : new DepthOverrides(rows.subList(from, to));
    }

    /// Returns the forced depth of a token.
    ///
    /// @param sequence the index of the sequence in the batch
    /// @param position the index of the token in its sequence
    /// @return the depth, or {@link #AS_ROUTED}
    public int at(int sequence, int position) {
        return isEmpty() || position >= rows.get(sequence).length ? AS_ROUTED : rows.get(sequence)[position];
    }

    /// Checks that the depths fit a batch.
    void require(int batch, int time, int numRecursions) {
        if (isEmpty()) {
            return;
        }
        if (rows.size() != batch) {
            throw new IllegalArgumentException("forced depths must cover " + batch + " sequences, got " + rows.size());
        }
        for (int[] row : rows) {
            if (row.length > time) {
                throw new IllegalArgumentException(
                        "a row of forced depths must cover at most " + time + " tokens, got " + row.length);
            }
            for (int depth : row) {
                if (depth > numRecursions) {
                    throw new IllegalArgumentException(
                            "a forced depth must be from 0 to " + numRecursions + ", got " + depth);
                }
            }
        }
    }
}
