package dev.saiki.io;

import java.io.Serial;

/// Wrong input by the user: a file, a key, a value or a combination that cannot be used.
///
/// The message is written for the person who has to mend it and stands alone: what is wrong, where, what is allowed and
/// what was got. The command line prints it without a stack trace and exits with code 2; a server answers 4xx. Every
/// other exception is a failure of the program or the machine.
public final class InputException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /// Makes an error with a complete message.
    ///
    /// @param message what is wrong, where, what is allowed, what was got
    public InputException(String message) {
        super(message);
    }

    /// Makes an error with a complete message and the exception that revealed it.
    ///
    /// @param message what is wrong, where, what is allowed, what was got
    /// @param cause the exception that revealed it; its message is not shown to the user
    public InputException(String message, Throwable cause) {
        super(message, cause);
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
}
