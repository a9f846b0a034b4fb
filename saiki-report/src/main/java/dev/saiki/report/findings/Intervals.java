package dev.saiki.report.findings;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.PairedDifference;

/// Widths of intervals by Student's t.
final class Intervals {

    private Intervals() {}

    /// Half the width of the 95 % interval of a mean.
    ///
    /// @param standardError of the mean
    /// @param observations behind it
    static double margin(double standardError, int observations) {
        return new Estimate(0, standardError, observations).margin(PairedDifference.CONFIDENCE);
    }
}
