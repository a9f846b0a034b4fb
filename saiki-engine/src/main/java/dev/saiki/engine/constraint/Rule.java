package dev.saiki.engine.constraint;

import java.util.List;

/// A rule of a {@link Grammar}: which texts match it. Rules name each other by number, so that they may go round.
sealed interface Rule {

    /// One byte of a set.
    ///
    /// @param bytes the set
    record OneByte(ByteSet bytes) implements Rule {}

    /// One rule after the other; none at all matches the empty text.
    ///
    /// @param parts their numbers
    record InOrder(List<Integer> parts) implements Rule {
        public InOrder {
            parts = List.copyOf(parts);
        }
    }

    /// Any one of several rules.
    ///
    /// @param options their numbers, at least one
    record OneOf(List<Integer> options) implements Rule {
        public OneOf {
            options = List.copyOf(options);
        }
    }

    /// One rule again and again.
    ///
    /// @param repeated its number
    /// @param least times
    /// @param most times; {@link Grammar#UNBOUNDED} for no end
    record Times(int repeated, int least, int most) implements Rule {}
}
