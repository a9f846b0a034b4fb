package dev.saiki.cli;

/// The process entry point.
public final class Main {

    private Main() {}

    /// Runs one command and ends the process with its exit code.
    ///
    /// @param arguments the command line, without the program's name
    public static void main(String[] arguments) {
        int exitCode = Saiki.run(arguments, Console.ofProcess());
        System.out.flush();
        System.err.flush();
        System.exit(exitCode);
    }
}
