package dev.saiki.server.access;

import dev.saiki.io.Suggestions;
import java.util.List;
import java.util.Optional;

/// The message about a path without an endpoint, usually caused by a wrong base URL in the client.
public final class MissingPath {

    private static final String VERSION = "/v1";
    private static final String ANTHROPIC = "/messages";

    private MissingPath() {}

    /// Writes the message.
    ///
    /// @param asked the request's path
    /// @param paths the paths of all endpoints
    /// @return a message with the path and, if another path was probably meant, also that path
    public static String message(String asked, List<String> paths) {
        String missing = "no endpoint at " + asked;
        String tidy = asked.replaceAll("/{2,}", "/").replaceAll("(?<=.)/$", "");
        String single = tidy.replaceFirst("^(" + VERSION + ")+(?=/)", "");
        Optional<String> versioned =
                Optional.of(VERSION + single).filter(path -> !path.equals(tidy) && paths.contains(path));
        if (versioned.isPresent()) {
            String base = single.startsWith(ANTHROPIC)
                    ? "The base URL of an Anthropic client must end before " + VERSION
                    : "The base URL of a client must end in exactly one " + VERSION;
            return missing + "; did you mean " + versioned.get() + "? " + base;
        }
        if (!tidy.equals(asked) && paths.contains(tidy)) {
            return missing + "; did you mean " + tidy + ", without the extra slash?";
        }
        return missing + Suggestions.didYouMean(tidy, paths) + "; GET /openapi.json lists all endpoints";
    }
}
