package dev.saiki.eval.audit;

import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TracedSequence;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// The model's side of an audit: routes windows of text as the router wants, at every uniform depth, and
/// with single tokens forced to the depths that they did not take.
///
/// An intervention is a window of its own in which one token's depth is another and all other tokens' are held at
/// what the router chose, so that effects do not mix; windows are computed many at a time. It costs a forward pass
/// over the window, N − 1 of them for a sample.
final class RoutingExperiment {

    /// Sequences given to the model at once.
    private static final int SEQUENCES_AT_ONCE = 64;

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

    /// A token in a text of which every token's depth was chosen in another way.
    ///
    /// @param token the token as the router treated it
    /// @param depth its depth now
    /// @param loss its loss now, nats
    record ReroutedToken(RoutedToken token, int depth, double loss) implements Observation {
        @Override
        public int cluster() {
            return token.cluster();
        }

        /// The router's cost minus this one.
        double difference(double price) {
            return token.loss() - loss + price * (token.depth() - depth);
        }
    }

    RoutingExperiment(
            SequenceTracer model,
            int numRecursions,
            List<ScoringWindow> all,
            RouterAuditOptions options,
            RouterAuditListener listener) {
        if (all.isEmpty()) {
            throw new InputException("audit: there is no text to route");
        }
        this.model = model;
        this.numRecursions = numRecursions;
        this.options = options;
        this.scoring = new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, options.effort());
        this.listener = listener;
        this.windows = ScoringWindow.spread(all, options.windows());
        this.unit =
                windows.stream().mapToInt(ScoringWindow::document).distinct().count() >= TextScore.FEWEST_DOCUMENTS
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
                atDepth.add(model.trace(ids, scoring.withForced(uniformDepths(ids, depth))));
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

    private static DepthOverrides uniformDepths(List<int[]> sequences, int depth) {
        return DepthOverrides.of(sequences.stream()
                .map(ids -> {
                    int[] row = new int[ids.length];
                    Arrays.fill(row, depth);
                    return row;
                })
                .toList());
    }

    private void add(int window, TracedSequence routed, List<TracedSequence> atDepth) {
        int[] ids = windows.get(window).ids();
        asRouted.add(routed);
        for (int t = windows.get(window).firstScored() - 1; t + 1 < ids.length; t++) {
            float[] confidences = new float[numRecursions];
            float[] margins = new float[numRecursions];
            for (int step = 0; step < numRecursions; step++) {
                confidences[step] = routed.confidences().get(step)[t];
                margins[step] = routed.margins().get(step)[t];
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
                others.add(new ReroutedToken(
                        token, one.scored().depths()[t], -one.scored().logprobs()[t + 1]));
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

    /// Routes the text once more with the router's depths dealt out anew among all tokens of a group.
    List<ReroutedToken> dealOut(ToIntFunction<RoutedToken> group) {
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
                    return new ReroutedToken(
                            token, window.depths()[token.position()], -window.logprobs()[token.position() + 1]);
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

    /// A window with one token at a depth that the router did not choose.
    ///
    /// @param sample which sample
    /// @param depth the depth
    private record ForcedToken(int sample, int depth) {}

    /// Draws tokens and forces each to every depth that it did not take.
    List<SampledToken> intervene() {
        List<SampledToken> samples = draw();
        List<ForcedToken> jobs = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            for (int depth = 1; depth <= numRecursions; depth++) {
                if (depth != samples.get(i).depth()) {
                    jobs.add(new ForcedToken(i, depth));
                }
            }
        }
        for (int from = 0; from < jobs.size(); from += SEQUENCES_AT_ONCE) {
            int to = Math.min(jobs.size(), from + SEQUENCES_AT_ONCE);
            run(jobs.subList(from, to), samples);
            listener.onIntervened(to, jobs.size());
        }
        return samples;
    }

    /// Samples in the order of their windows' lengths, since equally long ones are computed together.
    private List<SampledToken> draw() {
        List<RoutedToken> drawn = new ArrayList<>(tokens);
        Collections.shuffle(drawn, new Random(options.seed()));
        drawn = drawn.subList(0, Math.min(options.samples(), drawn.size()));
        drawn.sort(Comparator.comparingInt(
                        (RoutedToken token) -> windows.get(token.window()).ids().length)
                .thenComparingInt(RoutedToken::window)
                .thenComparingInt(RoutedToken::position));
        return drawn.stream()
                .map(token -> SampledToken.of(token, numRecursions, asRouted.get(token.window())))
                .toList();
    }

    private void run(List<ForcedToken> jobs, List<SampledToken> samples) {
        List<int[]> ids = new ArrayList<>();
        List<int[]> forced = new ArrayList<>();
        for (ForcedToken job : jobs) {
            RoutedToken token = samples.get(job.sample()).token();
            int[] row = asRouted.get(token.window()).scored().depths().clone();
            row[token.position()] = job.depth();
            ids.add(windows.get(token.window()).ids());
            forced.add(row);
            tokensIntervened += row.length;
        }
        List<TracedSequence> traced = model.trace(ids, scoring.withForced(DepthOverrides.of(forced)));
        for (int i = 0; i < jobs.size(); i++) {
            samples.get(jobs.get(i).sample()).put(jobs.get(i).depth(), traced.get(i));
        }
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
