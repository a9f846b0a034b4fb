package dev.saiki.cli.terminal;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// The base of all commands: a task that prints on a console, and ends with an exit code.
public abstract class ConsoleCommand implements Callable<Integer> {

    private static final String ROW = "%-10s  %s%n";

    /// The streams of the command.
    @SuppressWarnings("NullAway.Init") // Set when the command tree is built.
    protected Console console;

    private int exitCode = ExitCode.DONE;

    /// Sets the console; to be called before the command runs.
    public final void attach(Console to) {
        console = to;
    }

    /// Does the work.
    protected abstract void run() throws IOException, InterruptedException;

    @Override
    public final Integer call() throws IOException, InterruptedException {
        run();
        return exitCode;
    }

    /// Sets the exit code, which is {@link ExitCode#DONE} by default.
    protected final void exit(int code) {
        exitCode = code;
    }

    /// Prints a line of the result.
    protected final void println(String line) {
        console.out().println(line);
    }

    /// Prints a part of the result in the format of {@link java.util.Formatter}.
    @SuppressWarnings("AnnotateFormatMethod") // The annotation is not worth a dependency.
    protected final void printf(String format, @Nullable Object... arguments) {
        console.out().printf(Locale.ROOT, format, arguments);
    }

    /// Prints a named value of the result.
    protected final void row(String name, String value) {
        printf(ROW, name, value);
    }

    /// Prints a note, a warning or progress, on standard error.
    protected final void note(String line) {
        console.err().println(line);
    }
}
