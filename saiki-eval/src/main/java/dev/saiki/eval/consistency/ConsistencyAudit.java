package dev.saiki.eval.consistency;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import java.util.random.RandomGenerator;

/// An audit of whether the wording of a question affects the depth or the answer.
///
/// Each item (a question) is asked once in each group (a way of asking), so groups are compared item by item. A
/// difference is tested by permuting the groups within each item: if the group does not matter, permuted groups
/// are about as far apart as the measured ones. The p-value is the share of permutations whose groups are at least
/// as far apart as the measured groups; the measured groups count as one of the permutations.
///
/// @param groups mean depth and agreement of each group
/// @param pValueOfDepth p-value of the hypothesis that depth does not depend on the group
/// @param pValueOfAgreement p-value of the hypothesis that agreement with the other groups' answers does not
///     depend on the group
/// @param equalAnswers share of items with the same answer in all groups
/// @param examples the items whose depths differ most, each with all its groups
public record ConsistencyAudit(
        List<Group> groups,
        double pValueOfDepth,
        double pValueOfAgreement,
        double equalAnswers,
        List<List<PromptMeasurement>> examples) {

    /// Number of permutations per test.
    public static final int PERMUTATIONS = 2_000;

    /// Copies the lists.
    public ConsistencyAudit {
        groups = List.copyOf(groups);
        examples = examples.stream().map(List::copyOf).toList();
    }

    /// The results of a group.
    ///
    /// @param name the way of asking
    /// @param depth mean depth, with its interval over items
    /// @param difference mean depth minus the mean over all groups of the same item, with its interval over items
    /// @param agreement share of the other groups' answers to the same items that equal this group's answers
    public record Group(String name, Interval depth, Interval difference, double agreement) {}

    /// Compares the groups.
    ///
    /// @param measurements one measurement for each item and group
    /// @param examples number of example items
    /// @param random source of the permutations
    /// @return the audit
    public static ConsistencyAudit of(List<PromptMeasurement> measurements, int examples, RandomGenerator random) {
        Map<String, Map<String, PromptMeasurement>> items = new LinkedHashMap<>();
        for (PromptMeasurement measurement : measurements) {
            items.computeIfAbsent(measurement.item(), _ -> new LinkedHashMap<>())
                    .put(measurement.group(), measurement);
        }
        List<String> names =
                measurements.stream().map(PromptMeasurement::group).distinct().toList();
        double[][] depths = table(items, names, (_, own) -> own.meanDepth());
        double[][] agreement = table(items, names, ConsistencyAudit::agreement);
        List<Group> groups = new ArrayList<>();
        for (int group = 0; group < names.size(); group++) {
            groups.add(new Group(
                    names.get(group),
                    interval(depths, group, false),
                    interval(depths, group, true),
                    mean(agreement, group)));
        }
        long equal = Arrays.stream(agreement)
                .filter(row -> Arrays.stream(row).allMatch(share -> share == 1))
                .count();
        return new ConsistencyAudit(
                groups,
                pValue(depths, random),
                pValue(agreement, random),
                (double) equal / items.size(),
                farthest(items, examples));
    }

    /// One row per item, one column per group.
    private static double[][] table(
            Map<String, Map<String, PromptMeasurement>> items,
            List<String> names,
            ToDoubleBiFunction<Collection<PromptMeasurement>, PromptMeasurement> value) {
        return items.values().stream()
                .map(item -> names.stream()
                        .mapToDouble(name -> value.applyAsDouble(item.values(), Objects.requireNonNull(item.get(name))))
                        .toArray())
                .toArray(double[][]::new);
    }

    /// The share of the other groups' answers that equal the group's.
    private static double agreement(Collection<PromptMeasurement> item, PromptMeasurement own) {
        long same = item.stream()
                .filter(other -> other.answer().equals(own.answer()))
                .count();
        return (same - 1.0) / (item.size() - 1);
    }

    private static Interval interval(double[][] table, int group, boolean centred) {
        List<Double> values = Arrays.stream(table)
                .map(row -> row[group] - (centred ? Arrays.stream(row).average().orElseThrow() : 0))
                .toList();
        return Interval.of(Estimate.of(values));
    }

    private static double mean(double[][] table, int group) {
        return Arrays.stream(table).mapToDouble(row -> row[group]).average().orElseThrow();
    }

    private static double pValue(double[][] table, RandomGenerator random) {
        double observed = spread(table);
        double[][] dealt = Arrays.stream(table).map(double[]::clone).toArray(double[][]::new);
        int atLeast = 1;
        for (int deal = 0; deal < PERMUTATIONS; deal++) {
            for (double[] row : dealt) {
                shuffle(row, random);
            }
            // Rounding errors must not turn an equal spread into a smaller one.
            atLeast += spread(dealt) >= observed - 1e-12 ? 1 : 0;
        }
        return (double) atLeast / (PERMUTATIONS + 1);
    }

    private static void shuffle(double[] row, RandomGenerator random) {
        for (int i = row.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            double value = row[i];
            row[i] = row[j];
            row[j] = value;
        }
    }

    /// The sum of the squared distances of the groups' means from the overall mean.
    private static double spread(double[][] table) {
        double all = 0;
        double squares = 0;
        int groups = table[0].length;
        for (int group = 0; group < groups; group++) {
            double mean = mean(table, group);
            all += mean / groups;
            squares += mean * mean;
        }
        return squares - groups * all * all;
    }

    private static List<List<PromptMeasurement>> farthest(
            Map<String, Map<String, PromptMeasurement>> items, int examples) {
        return items.values().stream()
                .map(item -> List.copyOf(item.values()))
                .sorted(Comparator.comparingDouble(ConsistencyAudit::range).reversed())
                .limit(examples)
                .toList();
    }

    private static double range(List<PromptMeasurement> item) {
        double high =
                item.stream().mapToDouble(PromptMeasurement::meanDepth).max().orElseThrow();
        double low =
                item.stream().mapToDouble(PromptMeasurement::meanDepth).min().orElseThrow();
        return high - low;
    }

    /// Creates the generator of permutations.
    ///
    /// @param seed seed of the generator
    /// @return the generator
    public static RandomGenerator deals(long seed) {
        return new SplittableRandom(seed);
    }
}
