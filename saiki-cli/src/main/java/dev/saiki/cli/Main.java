package dev.saiki.cli;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;

/// The process entry point.
public final class Main {

    /// Has picocli not look for Groovy, in all jars, before it does anything.
    private static final String NO_GROOVY = "picocli.disable.closures";

    private Main() {}

    /// Runs one command and ends the process with its exit code.
    ///
    /// A process that has done its work and has nothing left to wait for is let end by itself: {@link System#exit}
    /// asks for a logger, in case somebody wants to read of it, and that is a tenth of a short command's time.
    ///
    /// @param arguments the command line, without the program's name
    public static void main(String[] arguments) {
        System.setProperty(NO_GROOVY, "true");
        int exitCode = Saiki.run(arguments, Console.ofProcess());
        System.out.flush();
        System.err.flush();
        if (exitCode != ExitCode.DONE || othersAreAtWork()) {
            System.exit(exitCode);
        }
    }

    /// Ends the process with a failure, as a signal would: what is at work is asked to stop, and saves. Does not
    /// return.
    static void endWork() {
        System.exit(ExitCode.FAILED);
    }

    /// Whether a thread would keep the process from ending.
    private static boolean othersAreAtWork() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread != Thread.currentThread() && thread.isAlive() && !thread.isDaemon());
    }
}
