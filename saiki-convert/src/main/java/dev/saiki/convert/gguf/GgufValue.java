package dev.saiki.convert.gguf;

import java.util.List;

/// One value of a GGUF file's metadata.
sealed interface GgufValue {

    /// A whole number.
    ///
    /// @param value the number; a U64 beyond the range of a long is negative
    /// @param type the number's encoding
    record Whole(long value, ValueType type) implements GgufValue {}

    /// A number with a fraction.
    ///
    /// @param value the number
    /// @param type the number's encoding: F32 or F64
    record Real(double value, ValueType type) implements GgufValue {}

    /// A truth value.
    ///
    /// @param value the value
    record Flag(boolean value) implements GgufValue {}

    /// A text.
    ///
    /// @param value the text
    record Text(String value) implements GgufValue {}

    /// A list of integers or booleans.
    ///
    /// @param values the numbers; booleans are 0 and 1
    /// @param type the encoding of each number
    @SuppressWarnings("ArrayRecordComponent") // As long as a vocabulary; never compared.
    record Wholes(long[] values, ValueType type) implements GgufValue {}

    /// A list of floating-point numbers.
    ///
    /// @param values the numbers
    /// @param type the numbers' encoding: F32 or F64
    @SuppressWarnings("ArrayRecordComponent") // As long as a vocabulary; never compared.
    record Reals(double[] values, ValueType type) implements GgufValue {}

    /// A list of texts.
    ///
    /// @param values the texts
    record Texts(List<String> values) implements GgufValue {
        public Texts {
            values = List.copyOf(values);
        }
    }
}
