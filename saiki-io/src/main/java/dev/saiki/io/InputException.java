package dev.saiki.io;

import java.io.Serial;
import java.util.ArrayList;
import java.util.List;

/// An error for invalid user input: a file, key, value or combination.
///
/// The message is for the person who has to fix the input. Even without context the message says what is wrong,
/// where, what is allowed and what was found. The command line prints the message without a stack trace and exits
/// with code 2; a server answers 4xx. Every other exception is a failure of the program or the machine.
public final class InputException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// The prefix of each problem in a message that lists several.
    private static final String LIST_ITEM = "\n  - ";

    /// The problems, one per entry.
    private final ArrayList<String> problems;

    private InputException(String message, List<String> problems) {
        super(message);
        this.problems = new ArrayList<>(problems);
    }

    /// Creates an error with a complete message.
    ///
    /// @param message message that says what is wrong and where, what is allowed, and what was found
    public InputException(String message) {
        this(message, List.of(String.valueOf(message)));
    }

    /// Creates an error with a complete message and the exception that revealed the error.
    ///
    /// @param message message that says what is wrong and where, what is allowed, and what was found
    /// @param cause the exception that revealed the error; its message is not shown to the user
    public InputException(String message, Throwable cause) {
        super(message, cause);
        this.problems = new ArrayList<>(List.of(String.valueOf(message)));
    }

    /// Combines several problems into one error.
    ///
    /// @param problems complete messages, at least one
    /// @return the error, for the caller to throw
    public static InputException of(List<String> problems) {
        return new InputException(String.join("; ", problems), problems);
    }

    /// Combines the problems of one input into one error. Several problems are listed one per line.
    ///
    /// @param where the input, such as a file
    /// @param problems messages that are complete except for the name of the input, at least one
    /// @return the error, for the caller to throw
    public static InputException of(String where, List<String> problems) {
        String message = problems.size() == 1
                ? where + ": " + problems.getFirst()
                : where + ": " + problems.size() + " problems" + LIST_ITEM + String.join(LIST_ITEM, problems);
        return new InputException(message, List.of(message));
    }

    /// Creates an error in the usual form, `<where>: <what> must be <allowed>, got <got>`.
    ///
    /// @param where the file, key or option at fault
    /// @param what the wrong value
    /// @param allowed the accepted values
    /// @param got the actual value
    /// @return the error, for the caller to throw
    public static InputException of(String where, String what, String allowed, Object got) {
        return new InputException(where + ": " + what + " must be " + allowed + ", got " + got);
    }

    /// Requires valid input.
    ///
    /// @param holds whether the input is valid
    /// @param message message that says what is wrong and where, what is allowed, and what was found
    /// @throws InputException if the input is not valid
    public static void require(boolean holds, String message) {
        if (!holds) {
            throw new InputException(message);
        }
    }

    /// Requires a value that is allowed.
    ///
    /// @param holds whether the value is allowed
    /// @param what the setting
    /// @param allowed the accepted values
    /// @param got the actual value
    /// @throws InputException if the value is not allowed, in the form `<what> must be <allowed>, got <got>`
    public static void require(boolean holds, String what, String allowed, Object got) {
        if (!holds) {
            throw new InputException(what + " must be " + allowed + ", got " + got);
        }
    }

    /// Requires an allowed value in a file, key or option.
    ///
    /// @param holds whether the value is allowed
    /// @param where the file, key or option that the value is in
    /// @param what the value
    /// @param allowed the accepted values
    /// @param got the actual value
    /// @throws InputException if the value is not allowed, in the usual form
    public static void require(boolean holds, String where, String what, String allowed, Object got) {
        if (!holds) {
            throw of(where, what, allowed, got);
        }
    }

    /// Requires a number that is not too small.
    ///
    /// @param what the setting
    /// @param value the given number
    /// @param min the smallest allowed number
    /// @throws InputException if the number is smaller
    public static void requireAtLeast(String what, long value, long min) {
        if (value < min) {
            throw new InputException(what + " must be at least " + min + ", got " + value);
        }
    }

    /// Requires a number within bounds.
    ///
    /// @param what the setting
    /// @param value the given number
    /// @param min the smallest allowed number
    /// @param max the largest allowed number
    /// @throws InputException if the number is outside the bounds
    public static void requireBetween(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw new InputException(what + " must be from " + min + " to " + max + ", got " + value);
        }
    }

    /// Creates an error for a file that a program wrote and whose content cannot be read.
    ///
    /// @param where the file
    /// @param how the symptom, such as `it ends in the middle (line 3)`
    /// @param cause the exception that revealed the error; its message is not shown to the user
    /// @return the error, for the caller to throw
    public static InputException damaged(String where, String how, Throwable cause) {
        return new InputException(
                where + ": " + how + "; the file is truncated or damaged: copy it again or recreate it", cause);
    }

    /// Returns the single problems, so that a list can contain them beside problems of other parts.
    ///
    /// @return only the message, unless the error combines several problems
    public List<String> problems() {
        return List.copyOf(problems);
    }
}
