package dev.saiki.engine.constraint;

import java.util.List;

/// A rule of a {@link Grammar}: the texts that match it. Rules refer to each other by number, so that they may be
/// recursive.
sealed interface Rule {

    /// One byte of a set.
    ///
    /// @param bytes the set
    record Terminal(ByteSet bytes) implements Rule {}

    /// Several rules in sequence; an empty sequence matches the empty text.
    ///
    /// @param parts their numbers
    record Concatenation(List<Integer> parts) implements Rule {
        public Concatenation {
            parts = List.copyOf(parts);
        }
    }

    /// A choice among several rules.
    ///
    /// @param options their numbers, at least one
    record Alternation(List<Integer> options) implements Rule {
        public Alternation {
            options = List.copyOf(options);
        }
    }

    /// A repeated rule.
    ///
    /// @param repeated its number
    /// @param least times
    /// @param most greatest number of repetitions; {@link Grammar#UNBOUNDED} for no limit
    record Repetition(int repeated, int least, int most) implements Rule {}
}
