package dev.saiki.text.files;

import dev.saiki.io.InputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/// The error for a file that is not valid JSON.
public final class UnreadableJson {

    private UnreadableJson() {}

    /// Reports whether the file is truncated, and where it is invalid.
    ///
    /// @param where the file
    /// @param e the parser's exception
    /// @return the error, for the caller to throw
    public static InputException in(String where, JacksonException e) {
        // If a limit on depth or length is exceeded, the parser reports no position.
        @Nullable TokenStreamLocation location = e.getLocation();
        String line = location == null ? "" : " (line " + location.getLineNr() + ")";
        return InputException.damaged(
                where,
                e instanceof UnexpectedEndOfInputException
                        ? "not a readable JSON file: it ends in the middle" + line
                        : "not a readable JSON file" + line + ": " + e.getOriginalMessage(),
                e);
    }
}
