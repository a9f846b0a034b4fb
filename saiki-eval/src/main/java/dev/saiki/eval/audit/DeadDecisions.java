package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.NearThreshold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The positions and token types that the router always decides alike, and the decisions near the threshold.
final class DeadDecisions {

    /// Distances from the threshold, as differences of log-odds: a tenth moves a probability of one half by 2.5
    /// percent points.
    private static final List<Double> WITHIN = List.of(0.001, 0.01, 0.1, 0.5);

    private DeadDecisions() {}

    /// How likely luck alone may make a group look dead.
    private static final double LUCK = 0.001;

    /// Counts positions and token types that were seen often enough not to look dead by luck: if one token in ten is
    /// sent on, one in eight of the groups of twenty tokens has none of these.
    static Dead dead(List<RoutedToken> tokens, int numRecursions) {
        int fewest = IntStream.of(
                        DepthTables.FEWEST_OCCURRENCES,
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

    /// Tokens that all have what a share of all tokens has only by more than luck; 1 where none or all have it.
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

    /// Counts decisions that are close, at each step.
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
                        long close = 0;
                        for (double margin : margins) {
                            close += margin <= within ? 1 : 0;
                        }
                        return margins.length == 0 ? Double.NaN : (double) close / margins.length;
                    })
                    .toList();
            near.add(new NearThreshold(step, margins.length, WITHIN, shares));
        }
        return near;
    }
}
