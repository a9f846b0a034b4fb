package dev.saiki.checkpoint.config;

import dev.saiki.io.InputException;
import java.util.List;

/// The thresholds of expert-threshold routing for every effort, interpolated linearly between the efforts of the
/// grid.
///
/// @param grid efforts, ascending, the last 1
/// @param table `[numRecursions, grid]`, row-major; row 0 is not used, since every token takes step 0
@SuppressWarnings("ArrayRecordComponent") // A table that nothing compares.
public record EffortThresholds(List<Double> grid, float[] table) {

    /// Copies the list.
    public EffortThresholds {
        grid = List.copyOf(grid);
    }

    /// Returns the thresholds of an effort.
    ///
    /// @param effort an effort from the grid's lowest effort to 1; 0 returns the thresholds of the lowest
    ///     effort, because a depth bound enforces one pass
    /// @return one threshold per step; the first is 0
    /// @throws InputException if the effort is outside the grid
    public double[] at(double effort) {
        double min = grid.getFirst();
        double asked = new EffortRange(min).require("effort", effort);
        double covered = asked == 0 ? min : asked;
        int above = 0;
        while (grid.get(above) < covered) {
            above++;
        }
        int below = Math.max(0, above - 1);
        double distance = grid.get(above) - grid.get(below);
        double weight = distance == 0 ? 1 : (covered - grid.get(below)) / distance;
        double[] thresholds = new double[table.length / grid.size()];
        for (int step = 1; step < thresholds.length; step++) {
            double low = table[step * grid.size() + below];
            double high = table[step * grid.size() + above];
            thresholds[step] = weight == 1 ? high : low + weight * (high - low);
        }
        return thresholds;
    }
}
