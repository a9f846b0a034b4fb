package dev.saiki.io;

import java.io.Serial;
import java.util.ArrayList;
import java.util.List;

/// An error for invalid user input: a file, key, value or combination.
///
/// The message is written for the person who has to mend it and stands alone: what is wrong, where, what is allowed
/// and what was got. The command line prints it without a stack trace and exits with code 2; a server answers 4xx.
/// Every other exception is a failure of the program or the machine.
public final class InputException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// What begins a line of its own in a message.
    private static final String LIST_ITEM = "\n  - ";

    /// What is wrong, one mistake an entry.
    private final ArrayList<String> problems;

    private InputException(String message, List<String> problems) {
        super(message);
        this.problems = new ArrayList<>(problems);
    }

    /// Makes an error with a complete message.
    ///
    /// @param message what is wrong, where, what is allowed, what was got
    public InputException(String message) {
        this(message, List.of(String.valueOf(message)));
    }

    /// Makes an error with a complete message and the exception that revealed it.
    ///
    /// @param message what is wrong, where, what is allowed, what was got
    /// @param cause the exception that revealed it; its message is not shown to the user
    public InputException(String message, Throwable cause) {
        super(message, cause);
        this.problems = new ArrayList<>(List.of(String.valueOf(message)));
    }

    /// Makes one error of several mistakes.
    ///
    /// @param problems complete messages, at least one
    /// @return the error, to be thrown by the caller
    public static InputException of(List<String> problems) {
        return new InputException(String.join("; ", problems), problems);
    }

    /// Makes one error of the mistakes in one input. If there are several, each has a line of the message to itself.
    ///
    /// @param where the input, such as a file
    /// @param problems complete messages but for where, at least one
    /// @return the error, to be thrown by the caller
    public static InputException of(String where, List<String> problems) {
        String message = problems.size() == 1
                ? where + ": " + problems.getFirst()
                : where + ": " + problems.size() + " problems" + LIST_ITEM + String.join(LIST_ITEM, problems);
        return new InputException(message, List.of(message));
    }

    /// Makes an error in the usual form, `<where>: <what> must be <allowed>, got <got>`.
    ///
    /// @param where the file, key or option at fault
    /// @param what the thing that is wrong
    /// @param allowed what would have been accepted
    /// @param got what was found instead
    /// @return the error, to be thrown by the caller
    public static InputException of(String where, String what, String allowed, Object got) {
        return new InputException(where + ": " + what + " must be " + allowed + ", got " + got);
    }

    /// Makes an error of a file whose content cannot be read, though a program wrote it.
    ///
    /// @param where the file
    /// @param how what shows it, such as `it ends in the middle (line 3)`
    /// @param cause the exception that revealed it; its message is not shown to the user
    /// @return the error, to be thrown by the caller
    public static InputException damaged(String where, String how, Throwable cause) {
        return new InputException(
                where + ": " + how + "; the file is truncated or damaged: copy it again or recreate it", cause);
    }

    /// The single problems, to be merged with those of other parts.
    ///
    /// @return the message alone, unless the error was made of several mistakes
    public List<String> problems() {
        return List.copyOf(problems);
    }
}
