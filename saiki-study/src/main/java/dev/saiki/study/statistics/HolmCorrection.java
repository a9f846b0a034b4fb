package dev.saiki.study.statistics;

import dev.saiki.eval.Verdict;
import dev.saiki.study.results.FamilyComparison;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Holm's correction of p-values for the number of comparisons. If comparisons with a corrected value of at most 5
/// % are called different, the probability of even one false call is at most 5 %, for any dependence between them
/// [1].
///
/// Libraries were considered: neither Hipparchus nor Commons Statistics contains the correction, which is a sort
/// and a maximum.
///
/// [1] S. Holm: A Simple Sequentially Rejective Multiple Test Procedure. Scandinavian Journal of Statistics 6 (1979).
public final class HolmCorrection {

    /// The accepted probability of even one false call.
    public static final double LEVEL = 0.05;

    private HolmCorrection() {}

    /// Two models at one budget, in either order.
    private record ModelPair(Set<String> models, double budget) {
        static ModelPair of(FamilyComparison comparison) {
            return new ModelPair(
                    Set.of(
                            comparison.family() + "/" + comparison.size(),
                            comparison.baseline() + "/" + comparison.baselineSize()),
                    comparison.budget());
        }
    }

    /// Corrects the p-values of comparisons for their number.
    ///
    /// @param comparisons all comparisons of a study; comparisons of the same two models count once
    /// @return a corrected p-value for each comparison, in their order; NaN for comparisons without a
    ///     p-value, which are not counted
    public static double[] of(List<FamilyComparison> comparisons) {
        Map<ModelPair, Double> pValues = new LinkedHashMap<>();
        comparisons.forEach(comparison -> pValues.putIfAbsent(ModelPair.of(comparison), comparison.pValue()));
        List<ModelPair> pairs = List.copyOf(pValues.keySet());
        double[] corrected =
                corrected(pValues.values().stream().mapToDouble(p -> p).toArray());
        return comparisons.stream()
                .mapToDouble(comparison -> corrected[pairs.indexOf(ModelPair.of(comparison))])
                .toArray();
    }

    /// Counts the comparisons that remain significant after the correction, and whose interval also excludes
    /// zero.
    ///
    /// @param comparisons all comparisons of a study
    /// @return the number of significant comparisons
    public static long numSignificant(List<FamilyComparison> comparisons) {
        double[] corrected = of(comparisons);
        return IntStream.range(0, corrected.length)
                .filter(i -> corrected[i] <= LEVEL && comparisons.get(i).verdict() != Verdict.UNDECIDED)
                .count();
    }

    static double[] corrected(double[] pValues) {
        List<Integer> rising = IntStream.range(0, pValues.length)
                .boxed()
                .filter(i -> !Double.isNaN(pValues[i]))
                .sorted(Comparator.comparingDouble(i -> pValues[i]))
                .toList();
        double[] corrected = pValues.clone();
        double largest = 0;
        for (int place = 0; place < rising.size(); place++) {
            int i = rising.get(place);
            largest = Math.max(largest, Math.min(1, (rising.size() - place) * pValues[i]));
            corrected[i] = largest;
        }
        return corrected;
    }
}
