package dev.saiki.engine.constraint;

import dev.saiki.engine.kernel.Logits;
import java.util.Arrays;
import java.util.Set;

/// The position of one text that is continued as valid UTF-8. Not safe for several threads.
public final class WholeUtf8Text {

    private final WholeUtf8 tokens;
    private final byte[] unfinished;
    private Utf8State state;

    /// @param tail the end of what is continued, of which a last unfinished character counts
    WholeUtf8Text(WholeUtf8 tokens, byte[] tail) {
        this.tokens = tokens;
        int begin = tail.length;
        for (int i = 0; i < tail.length; i++) {
            boolean follows = (tail[i] & 0xC0) == 0x80;
            begin = follows ? begin : i;
        }
        byte[] last = Arrays.copyOfRange(tail, begin, tail.length);
        Utf8State after = Utf8State.BORDER.next(last);
        // What is broken already is left to the decoder, and the next character begins behind it.
        this.state = after == Utf8State.BROKEN ? Utf8State.BORDER : after;
        this.unfinished = state == Utf8State.BORDER ? new byte[0] : last;
    }

    /// The state after a byte; one that cannot follow may begin a character, as it does for a decoder.
    private Utf8State after(byte value) {
        Utf8State next = state.next(value & 0xFF);
        if (next != Utf8State.BROKEN) {
            return next;
        }
        Utf8State anew = Utf8State.BORDER.next(value & 0xFF);
        return anew == Utf8State.BROKEN ? Utf8State.BORDER : anew;
    }

    /// Returns the bytes with which the continued text begins a character that it does not end.
    ///
    /// @return at most three bytes, none if it ends at the border of a character
    public byte[] unfinished() {
        return unfinished.clone();
    }

    /// Rules out the tokens that may not come next.
    ///
    /// A character that cannot be ended within the tokens that are left is not begun. Where that leaves nothing, as
    /// when the text's form knows only such characters, what is valid may come, and where nothing is, anything.
    ///
    /// @param logits `[vocab_size]`, left as they are
    /// @param ends tokens that end the answer: they may come at the border of a character,
    ///     whatever their bytes, as they are no part of the text
    /// @param left tokens that may be written after the next one
    /// @return `logits`, as when one of them is NaN, or a copy with minus infinity for what may not come
    public float[] restrict(float[] logits, Set<Integer> ends, int left) {
        if (!hasFinite(logits)) {
            // Nobody may draw from these, and the rest of them would hide it.
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
        return Float.isFinite(Logits.largest(logits));
    }

    /// Follows a token that was drawn.
    ///
    /// @param id not one that ends the answer
    public void take(int id) {
        for (byte value : tokens.bytesOf(id)) {
            state = after(value);
        }
    }
}
