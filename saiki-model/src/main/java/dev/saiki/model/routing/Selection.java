package dev.saiki.model.routing;

import dev.saiki.checkpoint.config.Capacities;
import java.util.Arrays;
import java.util.stream.IntStream;

/// The candidates that a recursion step selects.
///
/// @param active the chosen tokens
/// @param candidateRows the row of each selected token among the packed candidates
/// @param chosen whether each candidate was selected
@SuppressWarnings("ArrayRecordComponent") // Selections are not compared.
record Selection(ActiveTokens active, long[] candidateRows, boolean[] chosen) {

    /// The decision about one token.
    @FunctionalInterface
    interface Rule {
        boolean continues(float score, int sequence, int position);
    }

    /// Selects the k best candidates of every sequence of T tokens, k = max(1, trunc(capacity · T)), limited to
    /// the number of candidates.
    ///
    /// Among equal scores the earlier position is selected first. The selected tokens stay in order of position.
    static Selection topK(ActiveTokens candidates, float[] scores, double capacity) {
        int k = Capacities.tokens(capacity, candidates.time());
        boolean[] chosen = new boolean[scores.length];
        int first = 0;
        for (int b = 0; b < candidates.batch(); b++) {
            int start = first;
            int length = candidates.positions(b).length;
            IntStream.range(start, start + length)
                    .boxed()
                    .sorted((x, y) -> Float.compare(scores[y], scores[x]))
                    .limit(k)
                    .forEach(row -> chosen[row] = true);
            first += length;
        }
        return of(candidates, chosen);
    }

    /// Selects each token by its own score.
    static Selection byRule(ActiveTokens candidates, float[] scores, Rule rule) {
        boolean[] chosen = new boolean[scores.length];
        int row = 0;
        for (int b = 0; b < candidates.batch(); b++) {
            for (int position : candidates.positions(b)) {
                chosen[row] = rule.continues(scores[row], b, position);
                row++;
            }
        }
        return of(candidates, chosen);
    }

    private static Selection of(ActiveTokens candidates, boolean[] chosen) {
        int[][] positions = new int[candidates.batch()][];
        long[] candidateRows = new long[chosen.length];
        int total = 0;
        int row = 0;
        for (int b = 0; b < positions.length; b++) {
            int[] kept = new int[candidates.positions(b).length];
            int count = 0;
            for (int position : candidates.positions(b)) {
                if (chosen[row]) {
                    kept[count++] = position;
                    candidateRows[total++] = row;
                }
                row++;
            }
            positions[b] = Arrays.copyOf(kept, count);
        }
        return new Selection(candidates.some(positions), Arrays.copyOf(candidateRows, total), chosen);
    }
}
