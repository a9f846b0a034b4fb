package dev.saiki.cli.terminal;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/// The streams of a command, and the capabilities of the terminal.
///
/// @param in input of the user
/// @param out the stream for results
/// @param err the stream for progress, warnings and errors
/// @param inIsTerminal whether `in` is a terminal
/// @param outIsTerminal whether `out` is a terminal
/// @param errIsTerminal whether `err` is a terminal
/// @param environment environment variables, such as `NO_COLOR`, `TERM`, `COLUMNS` and `SAIKI_STACKTRACE`
public record Console(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean inIsTerminal,
        boolean outIsTerminal,
        boolean errIsTerminal,
        Map<String, String> environment) {

    /// The default number of columns if the terminal does not report it.
    private static final int USUAL_COLUMNS = 100;

    public Console {
        environment = Map.copyOf(environment);
    }

    /// The standard streams of this process. The launcher states which of these streams are terminals.
    public static Console ofProcess() {
        return new Console(
                System.in,
                System.out,
                System.err,
                Boolean.getBoolean("saiki.stdin.terminal"),
                Boolean.getBoolean("saiki.stdout.terminal"),
                Boolean.getBoolean("saiki.stderr.terminal"),
                System.getenv());
    }

    /// Streams that are not terminals, for tests.
    public static Console of(PrintStream out, PrintStream err) {
        return of(InputStream.nullInputStream(), out, err);
    }

    /// Streams that are not terminals, for tests.
    public static Console of(InputStream in, PrintStream out, PrintStream err) {
        return new Console(in, out, err, false, false, false, Map.of());
    }

    /// Whether results may be coloured: on a terminal, unless `NO_COLOR` is set (see no-color.org).
    public boolean outHasColour() {
        return outIsTerminal && allowsColour();
    }

    private boolean allowsColour() {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }

    /// The width of the terminal in characters.
    public int columns() {
        String columns = environment.getOrDefault("COLUMNS", "");
        return columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : USUAL_COLUMNS;
    }
}
