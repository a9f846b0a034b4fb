package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.DepthBin;
import dev.saiki.eval.audit.RouterAudit.DepthBy;
import dev.saiki.eval.audit.RouterAudit.TokenType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// Tables of depth against properties of tokens, over all tokens of the text.
record DepthTables(List<RoutedToken> tokens) {

    /// The minimum number of occurrences of a token type for its depth to be listed.
    static final int MIN_OCCURRENCES = 20;

    private static final int BINS = 10;
    private static final int MAX_TYPES = 20;

    /// The number of binary digits of a value: 0 for 0, 1 for 1, 2 for 2 and 3, 3 for 4 to 7, and so on.
    static int magnitude(int value) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(value);
    }

    /// Makes all tables.
    List<DepthBy> all(int[] ranks) {
        return List.of(
                byMagnitude(DepthBy.TOKEN_RANK, token -> ranks[token.id()]),
                byMagnitude(DepthBy.NEXT_TOKEN_RANK, token -> ranks[token.nextId()]),
                byMagnitude(DepthBy.POSITION, RoutedToken::position),
                inEqualParts(DepthBy.ENTROPY_AT_DEPTH_ONE, RoutedToken::entropyAtDepthOne),
                inEqualParts(DepthBy.ENTROPY_AT_FULL_DEPTH, RoutedToken::entropyAtFullDepth),
                inEqualParts(DepthBy.SURPRISE, RoutedToken::loss));
    }

    /// Bins of doubling width: ranks 1 and 2 are one bin apart, and so are ranks 1000 and 2000.
    private DepthBy byMagnitude(String property, ToIntFunction<RoutedToken> value) {
        Map<Integer, List<RoutedToken>> groups = tokens.stream()
                .collect(Collectors.groupingBy(
                        token -> magnitude(value.applyAsInt(token)), TreeMap::new, Collectors.toList()));
        return new DepthBy(
                property,
                ClusterStatistics.correlation(tokens, value::applyAsInt, RoutedToken::depth),
                groups.values().stream()
                        .map(group -> bin(group, value::applyAsInt))
                        .toList());
    }

    private DepthBy inEqualParts(String property, ToDoubleFunction<RoutedToken> value) {
        List<RoutedToken> rising = new ArrayList<>(tokens);
        rising.sort(Comparator.comparingDouble(value));
        int count = Math.min(BINS, rising.size());
        List<DepthBin> bins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = (int) ((long) i * rising.size() / count);
            int to = (int) ((i + 1L) * rising.size() / count);
            bins.add(bin(rising.subList(from, to), value));
        }
        return new DepthBy(property, ClusterStatistics.correlation(tokens, value, RoutedToken::depth), bins);
    }

    private static DepthBin bin(List<RoutedToken> group, ToDoubleFunction<RoutedToken> value) {
        return new DepthBin(
                group.stream().mapToDouble(value).min().orElseThrow(),
                group.stream().mapToDouble(value).max().orElseThrow(),
                group.size(),
                ClusterStatistics.mean(group, RoutedToken::depth));
    }

    /// Lists the token types with the greatest or the least mean depth.
    ///
    /// @param deepest whether to list the deepest rather than the shallowest
    /// @param texts text of an id
    List<TokenType> types(boolean deepest, IntFunction<String> texts) {
        Comparator<TokenType> byDepth = Comparator.comparingDouble(TokenType::meanDepth);
        return tokens.stream().collect(Collectors.groupingBy(RoutedToken::id)).entrySet().stream()
                .filter(type -> type.getValue().size() >= MIN_OCCURRENCES)
                .map(type -> new TokenType(
                        type.getKey(),
                        texts.apply(type.getKey()),
                        type.getValue().size(),
                        type.getValue().stream()
                                .mapToInt(RoutedToken::depth)
                                .average()
                                .orElseThrow()))
                .sorted((deepest ? byDepth.reversed() : byDepth)
                        .thenComparing(
                                Comparator.comparingLong(TokenType::count).reversed())
                        .thenComparingInt(TokenType::id))
                .limit(MAX_TYPES)
                .toList();
    }
}
