package dev.saiki.text.files;

import dev.saiki.io.InputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/// The error for a file that should be JSON and is not.
public final class UnreadableJson {

    private UnreadableJson() {}

    /// Says whether the file is cut off, and where it cannot be read.
    ///
    /// @param where the file
    /// @param e what the parser found
    /// @return the error, to be thrown by the caller
    public static InputException in(String where, JacksonException e) {
        // Limits on depth and length are reported without a place.
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
