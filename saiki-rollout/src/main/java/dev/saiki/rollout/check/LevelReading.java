package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Word;

/// An answer to the question whether a level holds.
///
/// @param verdict whether it holds
/// @param words the value or the reason, in words
public record LevelReading(Verdict verdict, String words) {

    private static final int LONGEST = 200;

    /// Shortens the words.
    public LevelReading {
        words = words.length() > LONGEST ? words.substring(0, LONGEST) + "…" : words;
    }

    /// Whether a level holds.
    public enum Verdict implements Word {
        /// The level holds.
        PASSES,
        /// The level does not hold.
        FAILS,
        /// There is no answer, or none that can be read: neither a pass nor a failure.
        MISSING;
    }

    /// A reading without an answer.
    static LevelReading missing(String reason) {
        return new LevelReading(Verdict.MISSING, "no answer (" + reason + ")");
    }
}
