package dev.saiki.eval;

import dev.saiki.eval.Estimate.Cluster;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// The loss of a model on a text, window by window.
///
/// @param windows the measured windows, in the order of their documents
/// @param numRecursions greatest depth of a token
public record TextScore(List<Window> windows, int numRecursions) {

    /// The minimum number of documents for using documents as clusters. With fewer documents, windows are the
    /// clusters, and the standard error is underestimated.
    public static final int MIN_DOCUMENTS = 5;

    private static final double BITS_PER_NAT = 1 / Math.log(2);

    public TextScore {
        windows = List.copyOf(windows);
    }

    /// The loss on one window.
    ///
    /// @param document index of the window's document
    /// @param tokens number of tokens scored
    /// @param bytes bytes of text that the scored tokens encode
    /// @param nll sum of the scored tokens' negative log-likelihoods, nats
    /// @param depths number of scored tokens at each depth; entry 0 is for depth 1
    public record Window(int document, long tokens, long bytes, double nll, List<Long> depths) {
        /// Copies the list.
        public Window {
            depths = List.copyOf(depths);
        }

        /// Creates the loss on a window, and counts the depths of its scored tokens.
        ///
        /// @param window the window
        /// @param tokenizer tokenizer, for the number of bytes of each token
        /// @param nll sum of the scored tokens' negative log-likelihoods, nats
        /// @param depths depths of all tokens in the window, from 1; the scored tokens come last
        /// @param numRecursions greatest depth
        /// @return the loss on the window
        public static Window of(
                ScoringWindow window, Tokenizer tokenizer, double nll, int[] depths, int numRecursions) {
            long[] counts = new long[numRecursions];
            for (int i = depths.length - window.scored(); i < depths.length; i++) {
                counts[depths[i] - 1]++;
            }
            return new Window(
                    window.document(),
                    window.scored(),
                    window.bytes(tokenizer),
                    nll,
                    Arrays.stream(counts).boxed().toList());
        }
    }

    /// The kind of text that counts as one independent observation.
    public enum Unit {
        /// A whole document.
        DOCUMENT("documents"),
        /// A window of a document, used if there are too few documents.
        WINDOW("windows");

        private final String plural;

        Unit(String plural) {
            this.plural = plural;
        }

        /// Returns the plural of the unit's name.
        ///
        /// @return the plural
        public String plural() {
            return plural;
        }
    }

    /// Returns the mean negative log-likelihood per token.
    ///
    /// @return nats per token, with the standard error over clusters
    public Estimate nll() {
        return Estimate.overTokens(clusters(windows, unit()));
    }

    /// Returns the loss in bits per byte of text, which is comparable between tokenizers.
    ///
    /// @return bits per byte
    public double bitsPerByte() {
        double nats = windows.stream().mapToDouble(Window::nll).sum();
        return nats * BITS_PER_NAT / bytes();
    }

    /// Counts the tokens scored.
    ///
    /// @return tokens
    public long tokens() {
        return windows.stream().mapToLong(Window::tokens).sum();
    }

    /// Counts the bytes of text scored.
    ///
    /// @return bytes
    public long bytes() {
        return windows.stream().mapToLong(Window::bytes).sum();
    }

    /// Counts the documents that have at least one scored token.
    ///
    /// @return documents
    public int documents() {
        return (int) windows.stream().mapToInt(Window::document).distinct().count();
    }

    /// Returns the mean number of recursions per scored token.
    ///
    /// @return mean depth, from 1
    public double meanDepth() {
        return shareOfTokensPerStep().stream().mapToDouble(Double::doubleValue).sum();
    }

    /// Returns the share of tokens that took each recursion step: the measured capacities.
    ///
    /// @return one share per step; the first is 1
    public List<Double> shareOfTokensPerStep() {
        List<Double> ended = shareOfTokensPerDepth();
        List<Double> shares = new ArrayList<>();
        double left = 1;
        for (double share : ended) {
            shares.add(left);
            // Through rounding, a difference of two shares can be slightly below zero.
            left = Math.max(0, left - share);
        }
        return List.copyOf(shares);
    }

    /// Returns the share of tokens with each final depth.
    ///
    /// @return one share per depth, from depth 1; the shares add up to 1
    public List<Double> shareOfTokensPerDepth() {
        double total = tokens();
        return IntStream.range(0, numRecursions)
                .mapToObj(depth -> windows.stream()
                                .mapToLong(window -> window.depths().get(depth))
                                .sum()
                        / total)
                .toList();
    }

    /// Returns the kind of piece that counts as one independent observation: a document if there are at least
    /// {@value #MIN_DOCUMENTS} documents, and otherwise a window.
    ///
    /// @return the unit of the standard errors
    public Unit unit() {
        return documents() >= MIN_DOCUMENTS ? Unit.DOCUMENT : Unit.WINDOW;
    }

    /// Compares two models on the same text.
    ///
    /// @param other the model whose loss is subtracted, scored on the same windows
    /// @return this loss minus the other model's, nats per token
    /// @throws IllegalArgumentException if the two models were scored on different windows
    public PairedDifference minus(TextScore other) {
        return PairedDifference.of(Estimate.overTokens(differences(other)), unit());
    }

    /// Compares two models on each independent piece of the same text.
    ///
    /// @param other the model whose loss is subtracted, scored on the same windows
    /// @return this loss minus the other model's for each piece, in the order of the text
    /// @throws IllegalArgumentException if the two models were scored on different windows
    public List<Cluster> differences(TextScore other) {
        if (windows.size() != other.windows.size()) {
            throw new IllegalArgumentException(
                    "the models were scored on " + windows.size() + " and " + other.windows.size() + " windows");
        }
        List<Window> differences = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            Window mine = windows.get(i);
            Window theirs = other.windows.get(i);
            if (mine.document() != theirs.document() || mine.tokens() != theirs.tokens()) {
                throw new IllegalArgumentException("the models were scored on different windows, first at window " + i);
            }
            differences.add(
                    new Window(mine.document(), mine.tokens(), mine.bytes(), mine.nll() - theirs.nll(), mine.depths()));
        }
        return clusters(differences, unit());
    }

    private static List<Cluster> clusters(List<Window> windows, Unit unit) {
        return switch (unit) {
            case WINDOW ->
                windows.stream()
                        .map(window -> new Cluster(window.tokens(), window.nll()))
                        .toList();
            case DOCUMENT -> {
                Map<Integer, Cluster> byDocument = new TreeMap<>();
                for (Window window : windows) {
                    byDocument.merge(
                            window.document(),
                            new Cluster(window.tokens(), window.nll()),
                            (a, b) -> new Cluster(a.tokens() + b.tokens(), a.sum() + b.sum()));
                }
                yield List.copyOf(byDocument.values());
            }
        };
    }
}
