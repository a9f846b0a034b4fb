package dev.saiki.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// A sliding window of the depths that a router chose for the latest distinct prompts and their answers, compared
/// with the expected depths.
///
/// A prompt that is already in the window is not counted again, even with a different answer. One prompt with its
/// answer fills at most a sixteenth of the window, however long, so a verdict always rests on many prompts.
final class DepthWindow {

    /// The smallest number of prompts that can fill the window.
    private static final int MIN_PROMPTS = 16;

    /// The maximum number of prompts in the window, however short they are.
    private static final int MAX_PROMPTS = 1024;

    private final int numRecursions;
    private final int tokens;
    private final int maxPerPrompt;
    private final SequencedMap<Long, PromptDepths> prompts = new LinkedHashMap<>();
    private long counted;
    private long unjudged;

    /// The depths of one prompt and its answer so far.
    private static final class PromptDepths {

        private final long sequence;
        private final long[] chosen;
        private final double[] expected;
        private long tokens;
        private long decisions;
        private double certainty;

        PromptDepths(long sequence, int numRecursions) {
            this.sequence = sequence;
            this.chosen = new long[numRecursions];
            this.expected = new double[numRecursions];
        }
    }

    /// A part of a prompt or answer, all of whose tokens have left the recursion.
    ///
    /// @param prompt key of the prompt, derived from its content
    /// @param sequence number of the request
    /// @param choices depths that the router chose, from 1; 0 for tokens without a choice
    /// @param expected expected share of tokens at each depth, derived from training, if known
    /// @param certainty sum of the probabilities that the router assigned to its decisions
    /// @param decisions number of decisions in that sum
    @SuppressWarnings("ArrayRecordComponent") // Internal; never compared.
    record Piece(
            long prompt, long sequence, int[] choices, Optional<double[]> expected, double certainty, int decisions) {}

    /// Makes an empty window.
    ///
    /// @param numRecursions the number of recursions of the model
    /// @param tokens number of tokens that fill the window
    DepthWindow(int numRecursions, int tokens) {
        this.numRecursions = numRecursions;
        this.tokens = tokens;
        this.maxPerPrompt = Math.max(1, tokens / MIN_PROMPTS);
    }

    /// Forgets all prompts.
    void clear() {
        prompts.clear();
        counted = 0;
        unjudged = 0;
    }

    /// Adds a piece, unless the window already contains the same prompt from another request.
    ///
    /// @return whether enough new tokens have arrived for a verdict
    boolean add(Piece piece) {
        PromptDepths prompt =
                prompts.computeIfAbsent(piece.prompt(), _ -> new PromptDepths(piece.sequence(), numRecursions));
        if (prompt.sequence != piece.sequence()) {
            return false;
        }
        long before = weight(prompt);
        prompt.certainty += piece.certainty();
        prompt.decisions += piece.decisions();
        for (int choice : piece.choices()) {
            if (choice > 0) {
                prompt.tokens++;
                prompt.chosen[choice - 1]++;
                piece.expected().ifPresent(shares -> add(shares, prompt.expected));
            }
        }
        counted += weight(prompt) - before;
        unjudged += weight(prompt) - before;
        forgetOldest();
        if (unjudged < maxPerPrompt) {
            return false;
        }
        unjudged = 0;
        return true;
    }

    private static void add(double[] shares, double[] sums) {
        for (int i = 0; i < shares.length; i++) {
            sums[i] += shares[i];
        }
    }

    private long weight(PromptDepths prompt) {
        return Math.min(prompt.tokens, maxPerPrompt);
    }

    /// Removes the oldest prompts as long as the newer ones fill the window, or as long as there are too many
    /// prompts.
    private void forgetOldest() {
        Iterator<PromptDepths> oldest = prompts.values().iterator();
        while (oldest.hasNext()) {
            PromptDepths prompt = oldest.next();
            if (counted - weight(prompt) < tokens && prompts.size() <= MAX_PROMPTS) {
                return;
            }
            counted -= weight(prompt);
            oldest.remove();
        }
    }

    /// Whether the window is at least half full, which is enough for a verdict on a model with more than two
    /// recursions.
    boolean isHalfFull() {
        return 2 * counted >= tokens;
    }

    /// Whether the window is full.
    boolean isFull() {
        return counted >= tokens;
    }

    /// Counts the tokens in the window, up to the limit for each prompt.
    long tokens() {
        return counted;
    }

    /// Counts the prompts in the window.
    int numPrompts() {
        return prompts.size();
    }

    /// Whether the router chose a depth greater than a given one for any token.
    boolean hasDeeperThan(int depth) {
        return IntStream.range(depth, numRecursions).anyMatch(this::isChosen);
    }

    /// The expected share of tokens with a depth greater than a given one.
    double expectedDeeperThan(int depth) {
        return IntStream.range(depth, numRecursions)
                .mapToDouble(this::expectedShare)
                .sum();
    }

    /// The depth that the router chose for all tokens, if it chose the same depth for each.
    Optional<Integer> onlyDepth() {
        int[] taken = IntStream.range(0, numRecursions).filter(this::isChosen).toArray();
        return taken.length == 1 ? Optional.of(taken[0] + 1) : Optional.empty();
    }

    private boolean isChosen(int index) {
        return prompts.values().stream().anyMatch(prompt -> prompt.chosen[index] > 0);
    }

    /// The expected share of tokens at a depth.
    ///
    /// @param index depth minus 1
    double expectedShare(int index) {
        return mean(prompt -> prompt.expected[index]);
    }

    private double share(int index) {
        return mean(prompt -> prompt.chosen[index]);
    }

    /// The mean of a quantity over all counted tokens, computed from the quantity's sum for each prompt.
    private double mean(ToDoubleFunction<PromptDepths> sum) {
        double all = prompts.values().stream()
                .filter(prompt -> prompt.tokens > 0)
                .mapToDouble(prompt -> weight(prompt) * (sum.applyAsDouble(prompt) / prompt.tokens))
                .sum();
        return all / Math.max(1, counted);
    }

    /// The total variation distance: half the sum of the absolute differences between actual and expected shares.
    double drift() {
        return distance(
                shares(),
                IntStream.range(0, numRecursions).mapToObj(this::expectedShare).toList());
    }

    private static double distance(List<Double> shares, List<Double> others) {
        return IntStream.range(0, shares.size())
                        .mapToDouble(i -> Math.abs(shares.get(i) - others.get(i)))
                        .sum()
                / 2;
    }

    private List<Double> shares() {
        return IntStream.range(0, numRecursions).mapToObj(this::share).toList();
    }

    /// Summarizes the window.
    ///
    /// @param hasReference whether the expected depths are known, so that a drift can be measured
    RouterHealth.Window toHealth(boolean hasReference) {
        List<Double> expected = hasReference && counted > 0
                ? IntStream.range(0, numRecursions)
                        .mapToObj(this::expectedShare)
                        .toList()
                : List.of();
        long decisions =
                prompts.values().stream().mapToLong(prompt -> prompt.decisions).sum();
        double certainty = prompts.values().stream()
                .mapToDouble(prompt -> prompt.certainty)
                .sum();
        return new RouterHealth.Window(
                counted,
                shares(),
                expected,
                expected.isEmpty() ? Double.NaN : drift(),
                decisions == 0 ? Double.NaN : certainty / decisions);
    }

    /// Combines several windows, weighted by their tokens.
    ///
    /// @param numRecursions the number of recursions of the model
    /// @param windows the windows of one model
    static RouterHealth.Window together(int numRecursions, List<RouterHealth.Window> windows) {
        List<RouterHealth.Window> telling =
                windows.stream().filter(window -> window.tokens() > 0).toList();
        long tokens = telling.stream().mapToLong(RouterHealth.Window::tokens).sum();
        List<Double> shares = IntStream.range(0, numRecursions)
                .mapToObj(i -> mean(telling, tokens, window -> window.shares().get(i)))
                .toList();
        boolean expects = tokens > 0
                && telling.stream().noneMatch(window -> window.expected().isEmpty());
        List<Double> expected = expects
                ? IntStream.range(0, numRecursions)
                        .mapToObj(i -> mean(
                                telling, tokens, window -> window.expected().get(i)))
                        .toList()
                : List.of();
        List<RouterHealth.Window> sure = telling.stream()
                .filter(window -> !Double.isNaN(window.confidence()))
                .toList();
        long sureTokens = sure.stream().mapToLong(RouterHealth.Window::tokens).sum();
        return new RouterHealth.Window(
                tokens,
                shares,
                expected,
                expects ? distance(shares, expected) : Double.NaN,
                sure.isEmpty() ? Double.NaN : mean(sure, sureTokens, RouterHealth.Window::confidence));
    }

    private static double mean(
            List<RouterHealth.Window> windows, long tokens, ToDoubleFunction<RouterHealth.Window> value) {
        return windows.stream()
                        .mapToDouble(window -> window.tokens() * value.applyAsDouble(window))
                        .sum()
                / Math.max(1, tokens);
    }
}
