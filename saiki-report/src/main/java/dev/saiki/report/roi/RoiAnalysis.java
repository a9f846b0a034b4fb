package dev.saiki.report.roi;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/// The cost analysis of a plan: at the likely values, over random draws from the intervals, and with the
/// break-even value of each number.
///
/// @param plan the plan
/// @param likely costs at the likely values
/// @param saving total saving over all months, for each draw
/// @param breakEven month of the break-even, for each draw; infinite if there is none
/// @param costRatio cost of the candidate's answer relative to today's model's answer, for each draw,
///     counting tokens, machines and energy; empty if today's answers cost nothing
/// @param paying share of the draws in which the change pays off
/// @param seed seed of the draws
/// @param conditions the conditions under which the change pays off
public record RoiAnalysis(
        RoiPlan plan,
        RoiCosts likely,
        Range saving,
        Range breakEven,
        Optional<Range> costRatio,
        double paying,
        long seed,
        List<Condition> conditions) {

    /// The default seed of the draws.
    public static final long DEFAULT_SEED = 1;

    /// The number of draws from the intervals.
    public static final int DRAWS = 10_000;

    private static final double LOW = 0.05;
    private static final double HIGH = 0.95;
    private static final int HALVINGS = 60;

    /// The search for a break-even value ends at a thousand times and at a thousandth of the likely value; for
    /// a share, it ends at 1 and at a thousandth; for a difference of shares, at 1 and at -1.
    private static final double REACH = 1_000;

    /// Copies the list.
    public RoiAnalysis {
        conditions = List.copyOf(conditions);
    }

    /// The interval that contains the middle 90 % of the draws.
    ///
    /// @param low the 5 % quantile of the draws
    /// @param median the median
    /// @param high the 95 % quantile of the draws
    public record Range(double low, double median, double high) {}

    /// The condition on one number under which the plan pays off when all other numbers have their likely values.
    ///
    /// @param quantity the quantity
    /// @param likely likely value of the quantity
    /// @param bound the break-even value; empty if the plan pays off at every value of the quantity, or at
    ///     none
    /// @param isAtLeast whether the number must be at least the bound; otherwise it must be at most the bound
    /// @param holds whether the plan pays off at the likely value
    public record Condition(Quantity quantity, double likely, OptionalDouble bound, boolean isAtLeast, boolean holds) {}

    /// Analyses a plan.
    ///
    /// @param plan the plan
    /// @param seed seed of the draws
    /// @return the costs and savings
    public static RoiAnalysis of(RoiPlan plan, long seed) {
        Map<Quantity, Double> likely = new EnumMap<>(Quantity.class);
        plan.quantities().forEach((quantity, number) -> likely.put(quantity, number.likely()));
        SplittableRandom random = new SplittableRandom(seed);
        double[] savings = new double[DRAWS];
        double[] months = new double[DRAWS];
        double[] ratios = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            Map<Quantity, Double> drawn = new EnumMap<>(Quantity.class);
            plan.quantities()
                    .forEach((quantity, number) ->
                            drawn.put(quantity, Math.clamp(number.draw(random), quantity.min(), quantity.max())));
            RoiCosts possible = RoiCosts.of(plan, drawn);
            savings[draw] = possible.saving();
            ratios[draw] = RoiCosts.answerRatio(drawn);
            months[draw] = possible.breakEven().map(Double::valueOf).orElse(Double.POSITIVE_INFINITY);
        }
        double paying =
                (double) Arrays.stream(savings).filter(saving -> saving > 0).count() / DRAWS;
        return new RoiAnalysis(
                plan,
                RoiCosts.of(plan, likely),
                range(savings),
                range(months),
                Optional.of(range(ratios)).filter(_ -> Arrays.stream(ratios).allMatch(Double::isFinite)),
                paying,
                seed,
                likely.keySet().stream()
                        .map(quantity -> condition(plan, likely, quantity))
                        .toList());
    }

    private static Range range(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Range(
                sorted[(int) (LOW * sorted.length)], sorted[sorted.length / 2], sorted[(int) (HIGH * sorted.length)]);
    }

    private static double saving(RoiPlan plan, Map<Quantity, Double> values, Quantity quantity, double value) {
        Map<Quantity, Double> changed = new EnumMap<>(values);
        changed.put(quantity, value);
        return RoiCosts.of(plan, changed).saving();
    }

    /// Searches by bisection for the value at which the saving changes its sign, first above the likely value,
    /// then below it.
    private static Condition condition(RoiPlan plan, Map<Quantity, Double> values, Quantity quantity) {
        double likely = values.getOrDefault(quantity, 0.0);
        boolean holds = saving(plan, values, quantity, likely) > 0;
        double max = quantity.isShare() ? 1 : REACH * Math.max(likely, Double.MIN_NORMAL);
        double min = quantity.min() < 0 ? quantity.min() : likely / REACH;
        OptionalDouble above = crossing(plan, values, quantity, likely, max, holds);
        OptionalDouble below = crossing(plan, values, quantity, likely, min, holds);
        if (above.isPresent()) {
            return new Condition(quantity, likely, above, !holds, holds);
        }
        return new Condition(quantity, likely, below, holds, holds);
    }

    private static OptionalDouble crossing(
            RoiPlan plan, Map<Quantity, Double> values, Quantity quantity, double from, double to, boolean holds) {
        boolean changes = (saving(plan, values, quantity, to) > 0) != holds;
        if (!changes || from == to) {
            return OptionalDouble.empty();
        }
        double same = from;
        double other = to;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = same > 0 && other > 0 ? Math.sqrt(same * other) : (same + other) / 2;
            if ((saving(plan, values, quantity, middle) > 0) == holds) {
                same = middle;
            } else {
                other = middle;
            }
        }
        return OptionalDouble.of(other);
    }

    /// The conditions with a break-even value.
    ///
    /// @return the conditions that have a bound
    public List<Condition> decisive() {
        return conditions.stream()
                .filter(condition -> condition.bound().isPresent())
                .toList();
    }
}
