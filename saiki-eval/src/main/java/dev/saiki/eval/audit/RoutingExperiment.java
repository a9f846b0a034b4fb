package dev.saiki.eval.audit;

import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.audit.SampledToken.DepthOutcome;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TracedSequence;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// The forward passes that an audit needs: windows of text as routed, at every uniform depth, and with single
/// tokens forced to other depths.
///
/// Each intervention is computed in a separate copy of the window, in which one token's depth is changed and all
/// other tokens keep the router's choice, so that effects do not mix. Windows are computed in batches. Each
/// intervention costs one forward pass over its window. With N recursions, a sample takes N − 1 passes, and each
/// window with samples one more pass as routed.
final class RoutingExperiment {

    /// Number of sequences per batch.
    private static final int SEQUENCES_AT_ONCE = 64;

    /// Number of samples forced together. Their predictions at every depth stay in memory until they are compared.
    private static final int SAMPLES_AT_ONCE = 32;

    private final SequenceTracer model;
    private final int numRecursions;
    private final RouterAuditOptions options;
    private final ScoreOptions scoring;
    private final RouterAuditListener listener;
    private final List<ScoringWindow> windows;
    private final TextScore.Unit unit;
    private final List<RoutedToken> tokens = new ArrayList<>();
    private final List<TracedSequence> asRouted = new ArrayList<>();
    private final List<List<ReroutedToken>> uniform = new ArrayList<>();
    private long tokensIntervened;
    private int numReroutings;

    /// A token of the text, and its loss when another policy chose all depths.
    ///
    /// @param token the token as routed
    /// @param loss the token's loss under the other policy, nats
    record ReroutedToken(RoutedToken token, double loss) implements Observation {
        @Override
        public int cluster() {
            return token.cluster();
        }

        /// The router's loss minus the loss under the other policy.
        double difference() {
            return token.loss() - loss;
        }
    }

    RoutingExperiment(
            SequenceTracer model,
            int numRecursions,
            List<ScoringWindow> all,
            RouterAuditOptions options,
            RouterAuditListener listener) {
        InputException.require(!all.isEmpty(), "audit: there is no text to route");
        this.model = model;
        this.numRecursions = numRecursions;
        this.options = options;
        this.scoring = new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, options.effort());
        this.listener = listener;
        this.windows = ScoringWindow.spread(all, options.windows());
        this.unit =
                windows.stream().mapToInt(ScoringWindow::document).distinct().count() >= TextScore.MIN_DOCUMENTS
                        ? TextScore.Unit.DOCUMENT
                        : TextScore.Unit.WINDOW;
    }

    /// Routes the text.
    void route() {
        for (int from = 0; from < windows.size(); from += SEQUENCES_AT_ONCE) {
            int to = Math.min(windows.size(), from + SEQUENCES_AT_ONCE);
            List<int[]> ids =
                    windows.subList(from, to).stream().map(ScoringWindow::ids).toList();
            List<TracedSequence> routed = model.trace(ids, scoring);
            List<List<TracedSequence>> atDepth = new ArrayList<>();
            for (int depth = 1; depth <= numRecursions; depth++) {
                atDepth.add(model.trace(ids, scoring.withForced(DepthOverrides.uniform(ids, depth))));
            }
            for (int i = 0; i < ids.size(); i++) {
                int window = i;
                add(
                        from + i,
                        routed.get(i),
                        atDepth.stream().map(sequences -> sequences.get(window)).toList());
            }
            listener.onRouted(to, windows.size());
        }
    }

    private void add(int window, TracedSequence routed, List<TracedSequence> atDepth) {
        int[] ids = windows.get(window).ids();
        asRouted.add(routed);
        for (int t = windows.get(window).firstScored() - 1; t + 1 < ids.length; t++) {
            float[] confidences = new float[numRecursions];
            float[] margins = new float[numRecursions];
            for (int step = 0; step < numRecursions; step++) {
                // Without a router there are no decisions.
                confidences[step] = routed.confidences().isEmpty()
                        ? Float.NaN
                        : routed.confidences().get(step)[t];
                margins[step] = routed.margins().isEmpty()
                        ? Float.NaN
                        : routed.margins().get(step)[t];
            }
            RoutedToken token = new RoutedToken(
                    cluster(window),
                    window,
                    t,
                    ids[t],
                    ids[t + 1],
                    routed.scored().depths()[t],
                    -routed.scored().logprobs()[t + 1],
                    atDepth.getFirst().entropies()[t],
                    atDepth.getLast().entropies()[t],
                    new RoutedToken.StepDecisions(confidences, margins));
            List<ReroutedToken> others = new ArrayList<>();
            for (TracedSequence one : atDepth) {
                others.add(new ReroutedToken(token, -one.scored().logprobs()[t + 1]));
            }
            tokens.add(token);
            uniform.add(others);
        }
    }

    private int cluster(int window) {
        return switch (unit) {
            case DOCUMENT -> windows.get(window).document();
            case WINDOW -> window;
        };
    }

    /// Runs the text again after shuffling the router's depths among the tokens of each group.
    List<ReroutedToken> permuted(ToIntFunction<RoutedToken> group) {
        IdentityHashMap<RoutedToken, Integer> dealt = new IdentityHashMap<>();
        Random random = new Random(options.seed());
        tokens.stream()
                .collect(Collectors.groupingBy(group::applyAsInt, TreeMap::new, Collectors.toList()))
                .values()
                .forEach(members -> deal(members, random, dealt));
        List<int[]> rows = asRouted.stream()
                .map(window -> window.scored().depths().clone())
                .toList();
        dealt.forEach((token, depth) -> rows.get(token.window())[token.position()] = depth);
        List<TracedSequence> traced = new ArrayList<>();
        for (int from = 0; from < windows.size(); from += SEQUENCES_AT_ONCE) {
            int to = Math.min(windows.size(), from + SEQUENCES_AT_ONCE);
            List<int[]> ids =
                    windows.subList(from, to).stream().map(ScoringWindow::ids).toList();
            traced.addAll(model.trace(ids, scoring.withForced(DepthOverrides.of(rows.subList(from, to)))));
        }
        numReroutings++;
        return tokens.stream()
                .map(token -> {
                    ScoredSequence window = traced.get(token.window()).scored();
                    return new ReroutedToken(token, -window.logprobs()[token.position() + 1]);
                })
                .toList();
    }

    private static void deal(List<RoutedToken> members, Random random, IdentityHashMap<RoutedToken, Integer> dealt) {
        List<Integer> shuffled =
                members.stream().map(RoutedToken::depth).collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(shuffled, random);
        for (int i = 0; i < members.size(); i++) {
            dealt.put(members.get(i), shuffled.get(i));
        }
    }

    /// Samples tokens, and forces each of them to every depth that it did not take.
    List<SampledToken> intervene() {
        List<RoutedToken> drawn = draw();
        List<SampledToken> samples = new ArrayList<>();
        for (int from = 0; from < drawn.size(); from += SAMPLES_AT_ONCE) {
            int to = Math.min(drawn.size(), from + SAMPLES_AT_ONCE);
            samples.addAll(force(drawn.subList(from, to)));
            listener.onIntervened(to * (numRecursions - 1), drawn.size() * (numRecursions - 1));
        }
        return samples;
    }

    /// A random sample of the tokens, sorted by the lengths of their windows, since only windows of equal length
    /// are computed together.
    private List<RoutedToken> draw() {
        List<RoutedToken> drawn = new ArrayList<>(tokens);
        Collections.shuffle(drawn, new Random(options.seed()));
        drawn = drawn.subList(0, Math.min(options.samples(), drawn.size()));
        drawn.sort(Comparator.comparingInt(
                        (RoutedToken token) -> windows.get(token.window()).ids().length)
                .thenComparingInt(RoutedToken::window)
                .thenComparingInt(RoutedToken::position));
        return drawn;
    }

    /// A batch of windows, each with its depths and the positions to trace.
    private final class Windows {

        private final List<int[]> ids = new ArrayList<>();
        private final List<int[]> forced = new ArrayList<>();
        private final List<int[]> watched = new ArrayList<>();

        void add(int window, int[] depths, int... positions) {
            ids.add(windows.get(window).ids());
            forced.add(depths);
            watched.add(positions);
            tokensIntervened += depths.length;
        }

        List<TracedSequence> trace() {
            return model.trace(
                    ids, scoring.withForced(DepthOverrides.of(forced)).withWatched(watched));
        }
    }

    /// Computes the windows of some tokens, first as routed, then with each token at each of its other depths.
    private List<SampledToken> force(List<RoutedToken> some) {
        Map<Integer, List<RoutedToken>> byWindow =
                some.stream().collect(Collectors.groupingBy(RoutedToken::window, TreeMap::new, Collectors.toList()));
        Windows together = new Windows();
        byWindow.forEach((window, members) -> together.add(
                window,
                depths(window),
                members.stream().mapToInt(RoutedToken::position).toArray()));
        for (RoutedToken token : some) {
            for (int depth = 1; depth <= numRecursions; depth++) {
                if (depth != token.depth()) {
                    int[] row = depths(token.window());
                    row[token.position()] = depth;
                    together.add(token.window(), row, token.position());
                }
            }
        }
        Iterator<TracedSequence> traced = together.trace().iterator();
        IdentityHashMap<RoutedToken, DepthOutcome> routed = new IdentityHashMap<>();
        for (List<RoutedToken> members : byWindow.values()) {
            TracedSequence window = traced.next();
            for (int i = 0; i < members.size(); i++) {
                routed.put(
                        members.get(i),
                        new DepthOutcome(window, window.watched().get(i)));
            }
        }
        return some.stream().map(token -> sample(token, routed, traced)).toList();
    }

    private SampledToken sample(
            RoutedToken token, IdentityHashMap<RoutedToken, DepthOutcome> routed, Iterator<TracedSequence> others) {
        List<DepthOutcome> outcomes = new ArrayList<>();
        for (int depth = 1; depth <= numRecursions; depth++) {
            if (depth == token.depth()) {
                outcomes.add(Objects.requireNonNull(routed.get(token)));
            } else {
                TracedSequence window = others.next();
                outcomes.add(new DepthOutcome(window, window.watched().getFirst()));
            }
        }
        return SampledToken.of(token, outcomes);
    }

    /// The router's depths in a window.
    private int[] depths(int window) {
        return asRouted.get(window).scored().depths().clone();
    }

    List<RoutedToken> tokens() {
        return tokens;
    }

    List<ReroutedToken> uniform(int depth) {
        return uniform.stream().map(losses -> losses.get(depth - 1)).toList();
    }

    TextScore.Unit unit() {
        return unit;
    }

    int numWindows() {
        return windows.size();
    }

    int numDocuments() {
        return (int)
                windows.stream().mapToInt(ScoringWindow::document).distinct().count();
    }

    int numClusters() {
        return (int) tokens.stream().mapToInt(RoutedToken::cluster).distinct().count();
    }

    long tokensRouted() {
        return (1L + numRecursions + numReroutings)
                * windows.stream().mapToLong(window -> window.ids().length).sum();
    }

    long tokensIntervened() {
        return tokensIntervened;
    }
}
