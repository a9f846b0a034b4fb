package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.Dead;
import dev.saiki.eval.audit.RouterAudit.NearThreshold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// What the router never or always sends on, and how many of its decisions are close.
final class DeadDecisions {

    /// Distances from the threshold, as differences of log-odds: a tenth moves a probability of one half by 2.5
    /// percent points.
    private static final List<Double> WITHIN = List.of(0.001, 0.01, 0.1, 0.5);

    private DeadDecisions() {}

    /// Counts positions and token types.
    static Dead dead(List<RoutedToken> tokens, int numRecursions) {
        Collection<List<RoutedToken>> positions = groups(tokens, RoutedToken::position);
        Collection<List<RoutedToken>> types = groups(tokens, RoutedToken::id);
        return new Dead(
                DepthTables.FEWEST_OCCURRENCES,
                positions.size(),
                count(positions, token -> token.depth() == 1),
                count(positions, token -> token.depth() < numRecursions),
                count(positions, token -> token.depth() == numRecursions),
                types.size(),
                count(types, token -> token.depth() == 1),
                count(types, token -> token.depth() == numRecursions));
    }

    private static Collection<List<RoutedToken>> groups(List<RoutedToken> tokens, ToIntFunction<RoutedToken> by) {
        return tokens.stream().collect(Collectors.groupingBy(by::applyAsInt)).values().stream()
                .filter(group -> group.size() >= DepthTables.FEWEST_OCCURRENCES)
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
                    .mapToDouble(token -> Math.abs(token.margins()[own]))
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
