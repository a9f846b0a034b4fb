package dev.saiki.text.tokenizer;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/// The pieces of a Unigram vocabulary, which divide a word so that the sum of their scores is as high as possible.
///
/// The division is found with Viterbi's algorithm over a tree of the pieces' characters. A character that is no
/// piece of its own may also be unknown, at a score of ten below the lowest. Sums, ties and adjacent unknown
/// characters are treated as in Hugging Face's `Unigram`.
final class ScoredPieces {

    /// The maximum number of characters in a piece.
    static final int LONGEST = 1 << 10;

    private static final double UNKNOWN_PENALTY = 10;
    private static final int ROOT = 0;

    /// A part of a word.
    ///
    /// @param from its first character
    /// @param to the end of its last character
    /// @param id the piece's id, or {@link UnknownToken#ABSENT}
    record Part(int from, int to, int id) {}

    private final double[] scores;
    private final double unknownScore;
    private final PairTable nodes;
    private int[] idOfNode = new int[1 << 10];

    ScoredPieces(List<Double> scores) {
        this.scores = scores.stream().mapToDouble(score -> score).toArray();
        unknownScore = Arrays.stream(this.scores).min().orElse(0) - UNKNOWN_PENALTY;
        nodes = new PairTable(scores.size());
    }

    void add(String spelling, int id) {
        int node = ROOT;
        for (int i = 0; i < spelling.length(); i++) {
            node = nodes.getOrPut(PairTable.pair(node, spelling.charAt(i)), nodes.size() + 1);
        }
        if (node >= idOfNode.length) {
            idOfNode = Arrays.copyOf(idOfNode, node * 2);
        }
        idOfNode[node] = id + 1;
    }

    /// Divides the word `text[from, to)`.
    Deque<Part> divide(String text, int from, int to) {
        Ways ways = new Ways(to - from);
        int at = from;
        while (at < to) {
            int next = at + Character.charCount(text.codePointAt(at));
            boolean known = false;
            int node = nodes.get(PairTable.pair(ROOT, text.charAt(at)));
            for (int end = at + 1; node != PairTable.ABSENT; end++) {
                int id = node < idOfNode.length ? idOfNode[node] - 1 : UnknownToken.ABSENT;
                if (id != UnknownToken.ABSENT) {
                    ways.offer(at - from, end - from, id, scores[id]);
                    known |= end == next;
                }
                node = end < to ? nodes.get(PairTable.pair(node, text.charAt(end))) : PairTable.ABSENT;
            }
            if (!known) {
                ways.offer(at - from, next - from, UnknownToken.ABSENT, unknownScore);
            }
            at = next;
        }
        return ways.best(from);
    }

    /// The best way to each position in a word, and the part with which it ends.
    private static final class Ways {
        private final double[] scores;
        private final int[] starts;
        private final int[] ids;

        Ways(int length) {
            scores = new double[length + 1];
            starts = new int[length + 1];
            ids = new int[length + 1];
            Arrays.fill(starts, -1);
        }

        void offer(int start, int end, int id, double score) {
            double sum = scores[start] + score;
            if (starts[end] < 0 || sum > scores[end]) {
                scores[end] = sum;
                starts[end] = start;
                ids[end] = id;
            }
        }

        Deque<Part> best(int from) {
            Deque<Part> parts = new ArrayDeque<>();
            for (int end = ids.length - 1; end > 0; end = starts[end]) {
                boolean joins = ids[end] == UnknownToken.ABSENT
                        && !parts.isEmpty()
                        && parts.getFirst().id() == UnknownToken.ABSENT;
                int to = joins ? parts.removeFirst().to() : from + end;
                parts.addFirst(new Part(from + starts[end], to, ids[end]));
            }
            return parts;
        }
    }
}
