package dev.saiki.report.findings;

import dev.saiki.eval.StudentT;
import dev.saiki.report.findings.Findings.Contrast;
import java.util.OptionalInt;

/// The number of trainings per model that would be needed to decide a difference as large as the one measured.
///
/// The interval of a difference has two parts: the error from the choice of held-out documents, which is known,
/// and the error from seeds, which cannot be estimated from one training of each model. The error from seeds is
/// computed from {@link #SEED_DEVIATION}.
final class RequiredSeeds {

    /// The standard deviation of losses between trainings that differ only in their seed, nats per token. The
    /// figure is pooled over all cells (one family, size and budget each) of the studies in Saiki's repository
    /// (59 degrees of freedom), whose trainings are shorter than a pilot's; the deviation within a single cell
    /// is 0.011 to 0.085.
    static final double SEED_DEVIATION = 0.041;

    private static final int MAX_SEEDS = 30;
    private static final double UPPER_TAIL = 0.975;

    private RequiredSeeds() {}

    /// Finds the smallest number of trainings per model that would decide the difference.
    ///
    /// @param contrast a difference between one training of each model
    /// @param models number of models whose seeds are pooled for the variance
    /// @return a number of at least three; empty if the number exceeds the maximum considered
    static OptionalInt of(Contrast contrast, int models) {
        double documents = (contrast.high() - contrast.low()) / 2 / StudentT.quantile(UPPER_TAIL, contrast.freedom());
        for (int seeds = Conclusion.MIN_SEEDS; seeds <= MAX_SEEDS; seeds++) {
            double error = Math.sqrt(documents * documents + 2 * SEED_DEVIATION * SEED_DEVIATION / seeds);
            int freedom = Math.max(1, Math.min(contrast.freedom(), models * (seeds - 1)));
            if (StudentT.quantile(UPPER_TAIL, freedom) * error < Math.abs(contrast.difference())) {
                return OptionalInt.of(seeds);
            }
        }
        return OptionalInt.empty();
    }

    /// The approximate change of a difference between two models if both are trained again: two standard
    /// deviations of the difference.
    static double spread() {
        return 2 * Math.sqrt(2) * SEED_DEVIATION;
    }
}
