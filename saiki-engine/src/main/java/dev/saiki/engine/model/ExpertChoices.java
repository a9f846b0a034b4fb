package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.Experts;

/// The experts that rows chose, with their weights.
///
/// @param experts number of experts
/// @param weights `[n, experts]`; 0 for experts that a row did not choose
/// @param rows for each expert the rows that chose it, ascending
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record ExpertChoices(int experts, float[] weights, int[][] rows) {

    /// Chooses the experts with the largest scores for each row; the first ones among equals.
    ///
    /// @param scores `[n, experts]`
    static ExpertChoices of(Experts rule, float[] scores) {
        int experts = rule.count();
        int count = scores.length / experts;
        float[] weights = new float[scores.length];
        int[] uses = new int[experts];
        for (int row = 0; row < count; row++) {
            choose(rule, scores, row * experts, weights);
            for (int expert = 0; expert < experts; expert++) {
                uses[expert] += weights[row * experts + expert] == 0 ? 0 : 1;
            }
        }
        int[][] rows = new int[experts][];
        for (int expert = 0; expert < experts; expert++) {
            rows[expert] = new int[uses[expert]];
            int next = 0;
            for (int row = 0; row < count; row++) {
                if (weights[row * experts + expert] != 0) {
                    rows[expert][next++] = row;
                }
            }
        }
        return new ExpertChoices(experts, weights, rows);
    }

    private static void choose(Experts rule, float[] scores, int from, float[] weights) {
        double highest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + rule.count(); i++) {
            highest = Math.max(highest, scores[i]);
        }
        double all = 0;
        for (int i = from; i < from + rule.count(); i++) {
            all += Math.exp(scores[i] - highest);
        }
        double ofChosen = 0;
        boolean[] taken = new boolean[rule.count()];
        for (int choice = 0; choice < rule.chosen(); choice++) {
            int best = -1;
            for (int expert = 0; expert < rule.count(); expert++) {
                if (!taken[expert] && (best < 0 || scores[from + expert] > scores[from + best])) {
                    best = expert;
                }
            }
            taken[best] = true;
            ofChosen += Math.exp(scores[from + best] - highest);
        }
        for (int expert = 0; expert < rule.count(); expert++) {
            if (taken[expert]) {
                double weight = Math.exp(scores[from + expert] - highest) / (rule.renormalised() ? ofChosen : all);
                weights[from + expert] = (float) weight;
            }
        }
    }

    /// Returns the rows that chose an expert, ascending.
    int[] rowsOf(int expert) {
        return rows[expert];
    }

    /// Returns the weight of an expert's output for a row.
    float weight(int row, int expert) {
        return weights[row * experts + expert];
    }
}
