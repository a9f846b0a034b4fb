package dev.saiki.cli;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;

/// The process entry point.
public final class Main {

    /// Keeps picocli from searching all jars for Groovy at startup.
    private static final String NO_GROOVY = "picocli.disable.closures";

    private Main() {}

    /// Runs one command and ends the process with its exit code.
    ///
    /// If the work is done and no other thread runs, the process ends without {@link System#exit}: that call
    /// creates a logger, which takes a tenth of a short command's time.
    ///
    /// @param arguments the command line, without the program's name
    public static void main(String[] arguments) {
        System.setProperty(NO_GROOVY, "true");
        int exitCode = Saiki.run(arguments, Console.ofProcess());
        System.out.flush();
        System.err.flush();
        if (exitCode != ExitCode.DONE || otherThreadsRun()) {
            System.exit(exitCode);
        }
    }

    /// Ends the process with a failure's exit code. Before that, stops the running work and saves its state, as
    /// after a signal. Does not return.
    static void exitWithFailure() {
        System.exit(ExitCode.FAILED);
    }

    /// Whether another thread keeps the process alive.
    private static boolean otherThreadsRun() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread != Thread.currentThread() && thread.isAlive() && !thread.isDaemon());
    }
}
