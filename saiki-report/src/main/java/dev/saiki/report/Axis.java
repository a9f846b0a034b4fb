package dev.saiki.report;

import java.util.ArrayList;
import java.util.List;

/// A scale from values to drawing units, with round ticks.
///
/// @param low value at `from`
/// @param high value at `to`; above `low`
/// @param from drawing position of `low`
/// @param to drawing position of `high`
/// @param logarithmic whether equal distances stand for equal factors instead of equal differences; if so,
///     values must be above zero
record Axis(double low, double high, double from, double to, boolean logarithmic) {

    private static final double WANTED_TICKS = 5;

    /// The number of decades from which on only powers of ten are ticks.
    private static final double MANY_DECADES = 3;

    private static final double[] LEADS = {1, 2, 5};

    /// Creates a linear axis. An empty range is widened so that every value has a position.
    static Axis of(double low, double high, double from, double to) {
        double spare = high > low ? 0 : Math.max(Math.abs(low) * 0.1, 1e-9);
        return new Axis(low - spare, high + spare, from, to, false);
    }

    /// Creates a logarithmic axis; an empty range is widened to a factor of four.
    static Axis logarithmic(double low, double high, double from, double to) {
        double spare = high > low ? 1 : 2;
        return new Axis(low / spare, high * spare, from, to, true);
    }

    /// Returns the drawing position of a value.
    double place(double value) {
        double share = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + share * (to - from);
    }

    /// Returns the distance between two neighbouring ticks of a linear axis: 1, 2 or 5 times a power of ten.
    double tickStep() {
        double rough = (high - low) / WANTED_TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double lead = rough / power;
        return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
    }

    /// Returns the values of the ticks within the range, in ascending order.
    List<Double> ticks() {
        return logarithmic ? logarithmicTicks() : linearTicks();
    }

    private List<Double> linearTicks() {
        double step = tickStep();
        List<Double> ticks = new ArrayList<>();
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private List<Double> logarithmicTicks() {
        double decades = Math.log10(high / low);
        if (decades < 0.5) {
            return new Axis(low, high, from, to, false).linearTicks();
        }
        int leads = decades > MANY_DECADES ? 1 : LEADS.length;
        List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
            for (int lead = 0; lead < leads; lead++) {
                double tick = LEADS[lead] * Math.pow(10, power);
                if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    /// Returns the number of decimals needed to distinguish the ticks of a linear axis.
    int tickDecimals() {
        return Math.max(0, (int) -Math.floor(Math.log10(tickStep()) + 1e-9));
    }
}
