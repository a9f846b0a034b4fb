package dev.saiki.engine.constraint;

import java.util.List;

/// A rule of a {@link Grammar}, which stands for the set of texts that match it. Rules refer to each other by
/// number, so that they can be recursive.
sealed interface Rule {

    /// One byte of a set.
    ///
    /// @param bytes the set
    record Terminal(ByteSet bytes) implements Rule {}

    /// Several rules in sequence; an empty sequence matches the empty text.
    ///
    /// @param parts numbers of the rules
    record Concatenation(List<Integer> parts) implements Rule {
        public Concatenation {
            parts = List.copyOf(parts);
        }
    }

    /// A choice among several rules.
    ///
    /// @param options numbers of the rules, at least one
    record Alternation(List<Integer> options) implements Rule {
        public Alternation {
            options = List.copyOf(options);
        }
    }

    /// A repeated rule.
    ///
    /// @param repeated number of the rule
    /// @param least minimum number of repetitions
    /// @param most maximum number of repetitions; {@link Grammar#UNBOUNDED} for no limit
    record Repetition(int repeated, int least, int most) implements Rule {}
}
