package dev.saiki.study.statistics;

import java.util.Collection;
import java.util.List;

/// The variance over seeds of a quantity of a run, pooled over models.
///
/// @param variance the variance; 0 if unknown
/// @param freedom degrees of freedom of the variance; 0 if no model has two seeds, and the variance is unknown
public record SeedVariance(double variance, int freedom) {

    /// Pools the variance over models, because two seeds of a single model carry almost no information.
    ///
    /// @param models the quantities of each model, one per seed
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

    /// Tells whether the variance is known.
    ///
    /// @return whether at least one model has two seeds
    public boolean isKnown() {
        return freedom > 0;
    }
}
