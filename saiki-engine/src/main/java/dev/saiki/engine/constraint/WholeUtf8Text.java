package dev.saiki.engine.constraint;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import java.util.Arrays;
import java.util.Set;

/// The position within a character of one text that is continued as valid UTF-8. Not thread-safe.
public final class WholeUtf8Text {

    private final WholeUtf8 tokens;
    private final byte[] unfinished;
    private Utf8State state;

    /// @param tail the end of the text to continue; only an unfinished character at its end matters
    WholeUtf8Text(WholeUtf8 tokens, byte[] tail) {
        this.tokens = tokens;
        int begin = tail.length;
        for (int i = 0; i < tail.length; i++) {
            boolean follows = (tail[i] & 0xC0) == 0x80;
            begin = follows ? begin : i;
        }
        byte[] last = Arrays.copyOfRange(tail, begin, tail.length);
        Utf8State after = Utf8State.BORDER.next(last);
        // Text that is already invalid is left to the decoder; the next character begins after it.
        this.state = after == Utf8State.BROKEN ? Utf8State.BORDER : after;
        this.unfinished = state == Utf8State.BORDER ? new byte[0] : last;
    }

    /// The state after a byte. As in a decoder, a byte that cannot continue the character may begin a new one.
    private Utf8State after(byte value) {
        Utf8State next = state.next(value & 0xFF);
        if (next != Utf8State.BROKEN) {
            return next;
        }
        Utf8State anew = Utf8State.BORDER.next(value & 0xFF);
        return anew == Utf8State.BROKEN ? Utf8State.BORDER : anew;
    }

    /// Returns the bytes of an unfinished character at the end of the continued text.
    ///
    /// @return at most three bytes; none at a character boundary
    public byte[] unfinished() {
        return unfinished.clone();
    }

    /// Masks the tokens that cannot come next.
    ///
    /// A character that cannot be completed within the remaining tokens is not begun. If this rule leaves no
    /// token, for example because the text's form allows only such characters, all tokens that keep the text valid
    /// are allowed. If no token keeps the text valid, all tokens are allowed.
    ///
    /// @param logits `[vocab_size]`; not modified
    /// @param ends end tokens, which are allowed at a character boundary; their bytes do not matter, because they
    ///     are not part of the text
    /// @param left number of tokens that may still follow the next token
    /// @return a copy with minus infinity for tokens that are not allowed, or `logits` itself if nothing can be
    ///     masked, for example because one logit is NaN
    public float[] restrict(float[] logits, Set<Integer> ends, int left) {
        if (!hasFinite(logits)) {
            // No token can be drawn from these logits, and masking would hide that error.
            return logits;
        }
        float[] inTime = restrictTo(left, logits, ends);
        if (hasFinite(inTime)) {
            return inTime;
        }
        float[] valid = restrictTo(Integer.MAX_VALUE, logits, ends);
        return hasFinite(valid) ? valid : logits;
    }

    private float[] restrictTo(int left, float[] logits, Set<Integer> ends) {
        float[] restricted = tokens.restrict(logits, state, left);
        for (int id : ends) {
            if (id < restricted.length) {
                restricted[id] = state == Utf8State.BORDER ? logits[id] : Float.NEGATIVE_INFINITY;
            }
        }
        return restricted;
    }

    private static boolean hasFinite(float[] logits) {
        return Float.isFinite(ROWS.largest(logits));
    }

    /// Follows a drawn token.
    ///
    /// @param id a token other than an end token
    public void take(int id) {
        for (byte value : tokens.bytesOf(id)) {
            state = after(value);
        }
    }
}
