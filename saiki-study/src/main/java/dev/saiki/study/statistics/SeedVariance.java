package dev.saiki.study.statistics;

import java.util.Collection;
import java.util.List;

/// The variance over seeds of a number that a run has, pooled over models.
///
/// @param variance the variance; 0 if it is not known
/// @param freedom degrees of freedom behind it; 0 if no model has two seeds, and the variance is then unknown
public record SeedVariance(double variance, int freedom) {

    /// Pools over models: two seeds of one model alone would say next to nothing.
    ///
    /// @param models the numbers of each model, one a seed
    /// @return the variance
    public static SeedVariance pooled(Collection<List<Double>> models) {
        double squares = 0;
        int freedom = 0;
        for (List<Double> seeds : models) {
            double mean =
                    seeds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            for (double value : seeds) {
                squares += (value - mean) * (value - mean);
            }
            freedom += seeds.size() - 1;
        }
        return new SeedVariance(freedom == 0 ? 0 : squares / freedom, freedom);
    }

    /// Tells whether anything is known of how much the number depends on the seed.
    ///
    /// @return whether some model has two seeds
    public boolean isKnown() {
        return freedom > 0;
    }
}
