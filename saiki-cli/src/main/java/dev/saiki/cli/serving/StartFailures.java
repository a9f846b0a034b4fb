package dev.saiki.cli.serving;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/// The log of failures to start a server. If the log is JSON, each failure is one JSON object, even if it is
/// caused by invalid options.
public final class StartFailures {

    private static final String OPTION = "--log-format";
    private static final String JSON = "json";

    private StartFailures() {}

    /// Whether a command line is `serve` with a JSON log; its other options may be invalid.
    ///
    /// @param arguments the command line, without the program's name
    /// @return whether its failures are logged
    public static boolean areLogged(List<String> arguments) {
        if (arguments.isEmpty() || !arguments.getFirst().equals("serve")) {
            return false;
        }
        int option = arguments.indexOf(OPTION);
        return (option >= 0 && option + 1 < arguments.size() && isJson(arguments.get(option + 1)))
                || arguments.stream()
                        .anyMatch(word -> word.startsWith(OPTION + "=") && isJson(word.substring(OPTION.length() + 1)));
    }

    private static boolean isJson(String format) {
        return format.toLowerCase(Locale.ROOT).equals(JSON);
    }

    /// Logs a failure as one JSON object.
    ///
    /// @param message the message to log
    /// @param shown exception whose stack trace is logged
    public static void log(String message, Optional<Throwable> shown) {
        LogFormat.JSON.apply(false);
        LoggerFactory.getLogger(StartFailures.class).error(message, shown.orElse(null));
    }
}
