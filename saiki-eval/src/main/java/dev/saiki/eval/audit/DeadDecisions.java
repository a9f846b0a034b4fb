package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.NearThreshold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The positions and token types for which the router always makes the same decision, and the router's
/// decisions near the threshold.
final class DeadDecisions {

    /// Distances from the threshold, as differences of log-odds: a difference of 0.1 moves a probability of one
    /// half by 2.5 percentage points.
    private static final List<Double> WITHIN = List.of(0.001, 0.01, 0.1, 0.5);

    private DeadDecisions() {}

    /// The significance level: a group is counted only if the probability that it looks dead by chance is at most
    /// this number.
    private static final double LUCK = 0.001;

    /// Counts the dead positions and token types. Only groups with enough tokens are counted, since small ones
    /// look dead by chance: if one token in ten takes a step, one in eight groups of twenty tokens contains no
    /// token that takes it.
    static Dead dead(List<RoutedToken> tokens, int numRecursions) {
        int fewest = IntStream.of(
                        DepthTables.MIN_OCCURRENCES,
                        fewest(share(tokens, token -> token.depth() == 1)),
                        fewest(share(tokens, token -> token.depth() == numRecursions)))
                .max()
                .orElseThrow();
        int fewestBelow = Math.max(fewest, fewest(share(tokens, token -> token.depth() < numRecursions)));
        Collection<List<RoutedToken>> positions = groups(tokens, RoutedToken::position, fewest);
        Collection<List<RoutedToken>> types = groups(tokens, RoutedToken::id, fewest);
        return new Dead(
                fewest,
                positions.size(),
                count(positions, token -> token.depth() == 1),
                count(groups(tokens, RoutedToken::position, fewestBelow), token -> token.depth() < numRecursions),
                count(positions, token -> token.depth() == numRecursions),
                types.size(),
                count(types, token -> token.depth() == 1),
                count(types, token -> token.depth() == numRecursions));
    }

    private static double share(List<RoutedToken> tokens, Predicate<RoutedToken> all) {
        return (double) tokens.stream().filter(all).count() / tokens.size();
    }

    /// The minimum size of a group such that chance does not explain why all its tokens have a property, given the
    /// property's share among all tokens; 1 if that share is 0 or 1.
    private static int fewest(double share) {
        return share > 0 && share < 1 ? (int) Math.ceil(Math.log(LUCK) / Math.log(share)) : 1;
    }

    private static Collection<List<RoutedToken>> groups(
            List<RoutedToken> tokens, ToIntFunction<RoutedToken> by, int fewest) {
        return tokens.stream().collect(Collectors.groupingBy(by::applyAsInt)).values().stream()
                .filter(group -> group.size() >= fewest)
                .toList();
    }

    private static int count(Collection<List<RoutedToken>> groups, Predicate<RoutedToken> all) {
        return (int)
                groups.stream().filter(group -> group.stream().allMatch(all)).count();
    }

    /// Counts the decisions near the threshold for each step.
    static List<NearThreshold> near(List<RoutedToken> tokens, int numRecursions) {
        List<NearThreshold> near = new ArrayList<>();
        for (int step = 1; step < numRecursions; step++) {
            int own = step;
            double[] margins = tokens.stream()
                    .filter(token -> token.isDecidedAt(own))
                    .mapToDouble(token -> Math.abs(token.margin(own)))
                    .toArray();
            List<Double> shares = WITHIN.stream()
                    .map(within -> {
                        long close = Arrays.stream(margins)
                                .filter(margin -> margin <= within)
                                .count();
                        return margins.length == 0 ? Double.NaN : (double) close / margins.length;
                    })
                    .toList();
            near.add(new NearThreshold(step, margins.length, WITHIN, shares));
        }
        return near;
    }
}
