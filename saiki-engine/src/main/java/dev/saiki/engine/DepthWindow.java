package dev.saiki.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A sliding window of the depths that a router chose for the newest tokens, beside those to be expected.
///
/// The window slides by blocks, so that no token has to be remembered.
final class DepthWindow {

    private static final int BLOCKS = 16;

    private final int numRecursions;
    private final int blockTokens;
    private final Block[] blocks = new Block[BLOCKS];
    private int current;

    /// A block of consecutive tokens.
    private static final class Block {

        private final long[] chosen;
        private final double[] expected;
        private int tokens;
        private int decisions;
        private double certainty;

        Block(int numRecursions) {
            this.chosen = new long[numRecursions];
            this.expected = new double[numRecursions];
        }
    }

    /// Makes an empty window.
    ///
    /// @param numRecursions of the model
    /// @param tokens most tokens in it
    DepthWindow(int numRecursions, int tokens) {
        this.numRecursions = numRecursions;
        this.blockTokens = Math.max(1, tokens / BLOCKS);
        clear();
    }

    /// Forgets all tokens.
    void clear() {
        Arrays.setAll(blocks, i -> new Block(numRecursions));
        current = 0;
    }

    /// Takes a token.
    ///
    /// @param depth the router's choice, from 1
    /// @param expected shares by depth, if they are known
    /// @return whether a block is full: a time to judge
    boolean add(int depth, Optional<double[]> expected) {
        Block block = blocks[current];
        block.chosen[depth - 1]++;
        block.tokens++;
        expected.ifPresent(shares -> {
            for (int i = 0; i < shares.length; i++) {
                block.expected[i] += shares[i];
            }
        });
        if (block.tokens < blockTokens) {
            return false;
        }
        current = (current + 1) % BLOCKS;
        blocks[current] = new Block(numRecursions);
        return true;
    }

    /// Takes how sure the router was of some decisions.
    ///
    /// @param sum of the probabilities that it gave to what it decided
    /// @param decisions how many
    void addCertainty(double sum, int decisions) {
        blocks[current].certainty += sum;
        blocks[current].decisions += decisions;
    }

    /// Whether half of the window is full, which is enough to judge by.
    boolean isTelling() {
        return tokens() >= (long) BLOCKS / 2 * blockTokens;
    }

    /// Counts the tokens in it.
    long tokens() {
        return Arrays.stream(blocks).mapToLong(block -> block.tokens).sum();
    }

    /// Counts the tokens that were to take more than some recursions.
    long deeperThan(int depth) {
        return IntStream.range(depth, numRecursions).mapToLong(this::chosen).sum();
    }

    /// The share of tokens that was expected to take more than some recursions.
    double expectedDeeperThan(int depth) {
        return IntStream.range(depth, numRecursions)
                .mapToDouble(this::expectedShare)
                .sum();
    }

    /// The depth that all tokens were sent to, if there is one.
    Optional<Integer> onlyDepth() {
        long all = tokens();
        return IntStream.range(0, numRecursions)
                .filter(i -> all > 0 && chosen(i) == all)
                .mapToObj(i -> i + 1)
                .findFirst();
    }

    private long chosen(int index) {
        return Arrays.stream(blocks).mapToLong(block -> block.chosen[index]).sum();
    }

    /// The share of tokens expected at a depth.
    ///
    /// @param index of the depth, from 0
    double expectedShare(int index) {
        return Arrays.stream(blocks).mapToDouble(block -> block.expected[index]).sum() / Math.max(1, tokens());
    }

    private double share(int index) {
        return (double) chosen(index) / Math.max(1, tokens());
    }

    /// Half the sum of the absolute differences between the shares and the expected ones.
    double drift() {
        return IntStream.range(0, numRecursions)
                        .mapToDouble(i -> Math.abs(share(i) - expectedShare(i)))
                        .sum()
                / 2;
    }

    /// What the window says.
    ///
    /// @param hasReference whether tokens had expected depths
    RouterHealth.Window toHealth(boolean hasReference) {
        List<Double> shares =
                IntStream.range(0, numRecursions).mapToObj(this::share).toList();
        List<Double> expected = hasReference && tokens() > 0
                ? IntStream.range(0, numRecursions)
                        .mapToObj(this::expectedShare)
                        .toList()
                : List.of();
        int decisions = Arrays.stream(blocks).mapToInt(block -> block.decisions).sum();
        double certainty =
                Arrays.stream(blocks).mapToDouble(block -> block.certainty).sum();
        return new RouterHealth.Window(
                tokens(),
                shares,
                expected,
                expected.isEmpty() ? Double.NaN : drift(),
                decisions == 0 ? Double.NaN : certainty / decisions);
    }
}
