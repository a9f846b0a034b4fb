package dev.saiki.eval.report;

import java.util.ArrayList;
import java.util.List;

/// A linear scale from values to drawing units, with round ticks.
///
/// @param low value at `from`
/// @param high value at `to`; above `low`
/// @param from drawing position of `low`
/// @param to drawing position of `high`
record Axis(double low, double high, double from, double to) {

    private static final double WANTED_TICKS = 5;

    /// Makes an axis and widens an empty range, so that every value has a place.
    static Axis of(double low, double high, double from, double to) {
        double spare = high > low ? 0 : Math.max(Math.abs(low) * 0.1, 1e-9);
        return new Axis(low - spare, high + spare, from, to);
    }

    /// Returns the drawing position of a value.
    double place(double value) {
        return from + (value - low) / (high - low) * (to - from);
    }

    /// Returns the distance between two ticks: 1, 2 or 5 times a power of ten.
    double tickStep() {
        double rough = (high - low) / WANTED_TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double lead = rough / power;
        return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
    }

    /// Returns the values of the ticks within the range, rising.
    List<Double> ticks() {
        double step = tickStep();
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /// Returns how many decimals tell two ticks apart.
    int tickDecimals() {
        return Math.max(0, (int) -Math.floor(Math.log10(tickStep()) + 1e-9));
    }
}
