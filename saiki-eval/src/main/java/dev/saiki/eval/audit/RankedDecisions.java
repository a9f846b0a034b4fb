package dev.saiki.eval.audit;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The decisions of one step in the order of a ranking.
///
/// Decisions can have weights other than 1, as in a resample of documents. If only some of the decisions with tied
/// scores can be chosen, each of them counts in part, so the result is the mean over all orders of these
/// decisions.
final class RankedDecisions {

    private final double[] gains;
    private final double[] gainsWithFollowing;
    private final int[] clusters;
    private final int[] startOfTie;

    /// Puts decisions in order.
    ///
    /// @param decisions the decisions
    /// @param scores score of each decision in the ranking, where larger scores come first
    RankedDecisions(List<DecidedStep> decisions, double[] scores) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        gains = IntStream.of(order).mapToDouble(i -> decisions.get(i).gain()).toArray();
        gainsWithFollowing = IntStream.of(order)
                .mapToDouble(i -> decisions.get(i).gainWithFollowing())
                .toArray();
        clusters = IntStream.of(order).map(i -> decisions.get(i).cluster()).toArray();
        startOfTie = IntStream.rangeClosed(0, order.length)
                .filter(place ->
                        place == 0 || place == order.length || scores[order[place]] != scores[order[place - 1]])
                .toArray();
    }

    /// Sums the gains of the first decisions.
    ///
    /// @param number number of chosen decisions; may be a fraction
    /// @param weights weight of each cluster
    double gain(double number, double[] weights) {
        return sumOfFirst(gains, number, weights);
    }

    /// Sums the gains of the first decisions, and for each decision the gains of the later tokens in its window.
    double gainWithFollowing(double number, double[] weights) {
        return sumOfFirst(gainsWithFollowing, number, weights);
    }

    private double sumOfFirst(double[] values, double number, double[] weights) {
        double sum = 0;
        double left = number;
        for (int tie = 0; tie + 1 < startOfTie.length && left > 0; tie++) {
            double size = 0;
            double total = 0;
            for (int i = startOfTie[tie]; i < startOfTie[tie + 1]; i++) {
                size += weights[clusters[i]];
                total += weights[clusters[i]] * values[i];
            }
            sum += size <= left ? total : total * left / size;
            left -= Math.min(left, size);
        }
        return sum;
    }

    /// The pairs of a helped and a hurt token, each weighted by the product of the sizes of both gains.
    ///
    /// @param wins pairs in which the helped token ranks higher, ties counting half
    /// @param all all pairs of a helped and a hurt token
    record Pairs(double wins, double all) {}

    /// Counts the pairs.
    ///
    /// @param weights weight of each cluster
    Pairs pairs(double[] weights) {
        double wins = 0;
        double helpedBefore = 0;
        double hurtBefore = 0;
        for (int tie = 0; tie + 1 < startOfTie.length; tie++) {
            double helped = 0;
            double hurt = 0;
            for (int i = startOfTie[tie]; i < startOfTie[tie + 1]; i++) {
                double weight = weights[clusters[i]] * Math.abs(gains[i]);
                helped += gains[i] > 0 ? weight : 0;
                hurt += gains[i] < 0 ? weight : 0;
            }
            wins += hurt * (helpedBefore + helped / 2);
            helpedBefore += helped;
            hurtBefore += hurt;
        }
        return new Pairs(wins, helpedBefore * hurtBefore);
    }
}
