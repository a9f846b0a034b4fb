package dev.saiki.engine.constraint;

import dev.saiki.text.tokenizer.Tokenizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// The state of one answer in a {@link TextConstraint}. Not thread-safe.
public final class ConstraintState {

    /// The number of states whose allowed tokens are cached. A few states are enough, because a text in quotes
    /// keeps returning to the same ones.
    private static final int MAX_KEPT = 64;

    private final Tokenizer tokenizer;
    private final TokenTrie trie;
    private final ByteAutomaton automaton;
    private final Map<Integer, long[]> allowed = new HashMap<>();
    private int state;

    ConstraintState(TextConstraint constraint, Tokenizer tokenizer, TokenTrie trie) {
        this.tokenizer = tokenizer;
        this.trie = trie;
        this.automaton = new ByteAutomaton(constraint.grammar());
        this.state = automaton.start();
        long[] first = allowedHere();
        settle();
        allowed.put(state, first);
    }

    /// Prepares for the next token and frees memory if too much is kept.
    private void settle() {
        automaton.beginToken();
        if (automaton.isFull()) {
            state = automaton.forgetAllBut(state);
            allowed.clear();
        }
    }

    /// The allowed next tokens, one bit for each.
    private long[] allowedHere() {
        if (allowed.size() > MAX_KEPT) {
            allowed.clear();
        }
        return allowed.computeIfAbsent(state, here -> trie.allowed(automaton, here));
    }

    /// Masks the tokens that are not allowed next.
    ///
    /// @param logits `[vocab_size]`; not modified
    /// @param ends tokens that end the answer in addition to the end of text
    /// @return a copy with minus infinity for tokens that are not allowed; end tokens are allowed wherever the
    ///     text may end
    /// @throws dev.saiki.io.InputException if the form has too many alternatives at this point
    public float[] restrict(float[] logits, Set<Integer> ends) {
        long[] bits = allowedHere();
        float[] restricted = logits.clone();
        for (int id = 0; id < restricted.length; id++) {
            boolean may = id >> 6 < bits.length && (bits[id >> 6] >>> id & 1) != 0;
            if (!may) {
                restricted[id] = Float.NEGATIVE_INFINITY;
            }
        }
        if (automaton.mayEnd(state)) {
            IntStream.concat(
                            IntStream.of(tokenizer.endOfTextId()), ends.stream().mapToInt(Integer::intValue))
                    .filter(id -> id < logits.length)
                    .forEach(id -> restricted[id] = logits[id]);
        }
        return restricted;
    }

    /// Follows a token that was drawn from the allowed tokens.
    ///
    /// @param id id of the token; not the end of text
    /// @throws IllegalStateException if the token is not allowed
    /// @throws dev.saiki.io.InputException if the form has too many alternatives at this point
    public void take(int id) {
        for (byte value : tokenizer.tokenBytes(id)) {
            state = automaton.next(state, value & 0xFF);
            if (state == ByteAutomaton.DEAD) {
                throw new IllegalStateException("token " + id + " is not allowed here");
            }
        }
        settle();
    }

    /// Tells whether the text is complete and cannot continue.
    ///
    /// @return whether the text must end
    public boolean mustEnd() {
        return automaton.mustEnd(state);
    }
}
