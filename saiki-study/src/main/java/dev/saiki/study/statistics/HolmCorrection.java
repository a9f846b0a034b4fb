package dev.saiki.study.statistics;

import dev.saiki.study.results.FamilyComparison;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Holm's correction of p-values for the number of comparisons: whoever calls those apart whose corrected one is at
/// most
/// 5 % is wrong about any of them in at most one of twenty studies, however they depend on one another [1].
///
/// Libraries were weighed: Hipparchus has it nowhere, and Commons Statistics neither; it is a sort and a maximum.
///
/// [1] S. Holm: A Simple Sequentially Rejective Multiple Test Procedure. Scandinavian Journal of Statistics 6 (1979).
public final class HolmCorrection {

    /// The share of studies that may be wrong about any of their comparisons.
    public static final double LEVEL = 0.05;

    private HolmCorrection() {}

    /// Corrects the p-values of comparisons for their number.
    ///
    /// @param comparisons all that a study makes
    /// @return a p-value for each, in their order; NaN for those that have none, which do not count
    public static double[] of(List<FamilyComparison> comparisons) {
        return corrected(
                comparisons.stream().mapToDouble(FamilyComparison::pValue).toArray());
    }

    /// Counts the comparisons that are told apart after the correction.
    ///
    /// @param comparisons all that a study makes
    /// @return how many
    public static long numApart(List<FamilyComparison> comparisons) {
        double[] corrected = of(comparisons);
        return IntStream.range(0, corrected.length)
                .filter(i -> corrected[i] <= LEVEL)
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
