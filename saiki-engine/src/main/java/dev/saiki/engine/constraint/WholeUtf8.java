package dev.saiki.engine.constraint;

import dev.saiki.text.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// The tokens of a vocabulary that can continue a text as valid UTF-8, for each position within a character.
///
/// A token is allowed if the text after it can still be completed to whole characters within the remaining tokens.
/// A mask depends only on the position within a character and on whether 0, 1, 2, or at least 3 tokens remain,
/// because no character needs more than three tokens after its first byte. So all masks are computed once, and
/// each draw is a table lookup. Immutable and thread-safe; one instance serves all texts of a tokenizer.
public final class WholeUtf8 {

    /// The maximum number of tokens that an unfinished character can need. If at least this many tokens may still
    /// follow, no token is excluded for lack of them.
    private static final int MAX_NEEDED = 3;

    private final Tokenizer tokenizer;
    private final Map<Utf8State, List<Mask>> masks = new EnumMap<>(Utf8State.class);

    /// A mask, stored as the list of allowed tokens or of forbidden tokens, whichever is usually shorter.
    ///
    /// @param ids ids in ascending order
    /// @param refused whether the ids are the forbidden tokens; ids beyond the tokenizer's vocabulary are then
    ///     allowed
    @SuppressWarnings("ArrayRecordComponent") // Tables; never compared.
    private record Mask(int[] ids, boolean refused) {
        float[] apply(float[] logits) {
            float[] left = refused ? logits.clone() : new float[logits.length];
            if (!refused) {
                Arrays.fill(left, Float.NEGATIVE_INFINITY);
            }
            for (int i = 0; i < ids.length && ids[i] < left.length; i++) {
                left[ids[i]] = refused ? Float.NEGATIVE_INFINITY : logits[ids[i]];
            }
            return left;
        }
    }

    /// Computes the masks.
    ///
    /// @param tokenizer the tokenizer
    public WholeUtf8(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        Map<Utf8State, Utf8State[]> reached = reached(tokenizer);
        Map<Utf8State, Integer> needed = needed(reached);
        reached.forEach((state, after) -> masks.put(
                state,
                IntStream.rangeClosed(0, MAX_NEEDED)
                        .mapToObj(left -> mask(after, needed, left, state == Utf8State.BORDER))
                        .toList()));
    }

    /// For each state, the next state after each token.
    private static Map<Utf8State, Utf8State[]> reached(Tokenizer tokenizer) {
        byte[][] tokens = IntStream.range(0, tokenizer.vocabSize())
                .mapToObj(tokenizer::tokenBytes)
                .toArray(byte[][]::new);
        Map<Utf8State, Utf8State[]> reached = new EnumMap<>(Utf8State.class);
        for (Utf8State from : Utf8State.values()) {
            reached.put(from, Arrays.stream(tokens).map(from::next).toArray(Utf8State[]::new));
        }
        return reached;
    }

    /// The minimum number of tokens from a state to a character boundary, for states from which a boundary can be
    /// reached.
    private static Map<Utf8State, Integer> needed(Map<Utf8State, Utf8State[]> reached) {
        Map<Utf8State, Integer> needed = new EnumMap<>(Map.of(Utf8State.BORDER, 0));
        for (int tokens = 1; tokens <= MAX_NEEDED; tokens++) {
            Set<Utf8State> nearer = EnumSet.copyOf(needed.keySet());
            for (Map.Entry<Utf8State, Utf8State[]> from : reached.entrySet()) {
                if (Arrays.stream(from.getValue()).anyMatch(nearer::contains)) {
                    needed.putIfAbsent(from.getKey(), tokens);
                }
            }
        }
        return needed;
    }

    private static Mask mask(Utf8State[] after, Map<Utf8State, Integer> needed, int left, boolean refused) {
        int[] ids = IntStream.range(0, after.length)
                .filter(id -> needed.getOrDefault(after[id], Integer.MAX_VALUE) <= left != refused)
                .toArray();
        return new Mask(ids, refused);
    }

    /// Starts the continuation of a text.
    ///
    /// @param prompt ids of the text; it may end within a character
    /// @return the text's position within a character, as it is at the end of the prompt
    public WholeUtf8Text after(int[] prompt) {
        // Only the last three bytes matter: an unfinished character has at most three bytes, and a first byte
        // begins a character whatever precedes it.
        int from = prompt.length;
        int bytes = 0;
        while (from > 0 && bytes < MAX_NEEDED) {
            from--;
            bytes += bytesOf(prompt[from]).length;
        }
        ByteArrayOutputStream tail = new ByteArrayOutputStream();
        Arrays.stream(prompt, from, prompt.length).forEach(id -> tail.writeBytes(bytesOf(id)));
        return new WholeUtf8Text(this, tail.toByteArray());
    }

    /// Masks the tokens that are not allowed next.
    ///
    /// @param left number of tokens that may still follow the next token
    /// @return a masked copy
    float[] restrict(float[] logits, Utf8State state, int left) {
        List<Mask> byTokensLeft = masks.getOrDefault(state, List.of());
        return byTokensLeft.get(Math.min(left, MAX_NEEDED)).apply(logits);
    }

    /// Returns the bytes of an id; ids beyond the tokenizer's vocabulary have no bytes.
    byte[] bytesOf(int id) {
        return id < tokenizer.vocabSize() ? tokenizer.tokenBytes(id) : new byte[0];
    }
}
