package dev.saiki.rollout.evidence;

import dev.saiki.io.InputException;

/// The limit on a figure of the candidate.
public sealed interface FigureLimit {

    /// A number that is known before.
    ///
    /// @param value above 0
    record Fixed(double value) implements FigureLimit {

        /// Checks the number.
        ///
        /// @throws InputException if it is not above 0
        public Fixed {
            if (!(value > 0)) {
                throw InputException.of("a limit", "the number", "above 0", value);
            }
        }
    }

    /// The baseline's own figure, in the same conversations, and a little more.
    ///
    /// @param more what is added to a rate, or how many times a time may be as long
    record OfBaseline(double more) implements FigureLimit {

        /// Checks the number.
        ///
        /// @throws InputException if it is below 0
        public OfBaseline {
            if (!(more >= 0)) {
                throw InputException.of("a limit beside the baseline", "the number", "at least 0", more);
            }
        }
    }
}
