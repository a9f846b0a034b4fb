package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.IntStream;

/// The tokens of a vocabulary as a trie of their bytes, so that tokens with a common prefix are checked together.
///
/// Nodes are stored in depth-first order, each with its depth and the index after its last descendant, so that a
/// walk needs neither pointers nor recursion. Tokens that are not text (the end of text and other added tokens)
/// are left out, unless requested. Immutable.
public final class TokenTrie {

    private static final int BYTES = 256;

    private final int[] ids;
    private final byte[] label;
    private final int[] depth;
    private final int[] afterSubtree;
    private final int[] firstToken;
    private final int words;
    private int nodes;
    private int deepest;

    /// Builds the trie of a tokenizer.
    ///
    /// @param tokenizer the tokenizer
    /// @param added ids of tokens that are not text but are included
    /// @throws InputException if a byte has no token of its own, because an answer could then get stuck
    public TokenTrie(Tokenizer tokenizer, Set<Integer> added) {
        byte[][] bytes = new byte[tokenizer.vocabSize()][];
        int total = 0;
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = tokenizer.isText(id) || added.contains(id) ? tokenizer.tokenBytes(id) : new byte[0];
            total += bytes[id].length;
        }
        this.ids = IntStream.range(0, bytes.length)
                .filter(id -> bytes[id].length > 0)
                .boxed()
                .sorted(Comparator.comparing(id -> bytes[id], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        this.words = (bytes.length >> 6) + 1;
        this.label = new byte[total];
        this.depth = new int[total];
        this.afterSubtree = new int[total];
        this.firstToken = new int[total + 1];
        build(bytes);
        requireEveryByte();
    }

    private void build(byte[][] bytes) {
        int[] path = new int
                [Arrays.stream(bytes).mapToInt(token -> token.length).max().orElse(0) + 1];
        byte[] before = new byte[0];
        for (int i = 0; i < ids.length; i++) {
            byte[] token = bytes[ids[i]];
            int mismatch = Arrays.mismatch(before, token);
            int shared = mismatch < 0 ? token.length : mismatch;
            for (int level = before.length; level > shared; level--) {
                afterSubtree[path[level]] = nodes;
            }
            for (int level = shared + 1; level <= token.length; level++) {
                label[nodes] = token[level - 1];
                depth[nodes] = level;
                firstToken[nodes] = i;
                path[level] = nodes;
                nodes++;
            }
            deepest = Math.max(deepest, token.length);
            before = token;
        }
        for (int level = before.length; level > 0; level--) {
            afterSubtree[path[level]] = nodes;
        }
        firstToken[nodes] = ids.length;
    }

    private void requireEveryByte() {
        long single = 0;
        for (int node = 0; node < nodes; node = afterSubtree[node]) {
            single += firstToken[node] < tokensEnd(node) ? 1 : 0;
        }
        if (single < BYTES) {
            throw new InputException("a constrained answer needs a tokenizer with a token for each of the " + BYTES
                    + " bytes, got a tokenizer with " + single + " such tokens");
        }
    }

    /// Finds the allowed next tokens.
    ///
    /// @return one bit for each id
    long[] allowed(ByteAutomaton automaton, int state) {
        long[] bits = new long[words];
        int[] reached = new int[deepest + 1];
        reached[0] = state;
        int node = 0;
        while (node < nodes) {
            int next = automaton.next(reached[depth[node] - 1], label[node] & 0xFF);
            if (next == ByteAutomaton.DEAD) {
                node = afterSubtree[node];
                continue;
            }
            reached[depth[node]] = next;
            int end = tokensEnd(node);
            for (int i = firstToken[node]; i < end; i++) {
                bits[ids[i] >> 6] |= 1L << ids[i];
            }
            node++;
        }
        return bits;
    }

    /// The index after the tokens that end at a node. These tokens range from the node's first token to the next
    /// node's first token.
    private int tokensEnd(int node) {
        return firstToken[node + 1];
    }
}
