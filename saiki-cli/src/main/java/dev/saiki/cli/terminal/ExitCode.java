package dev.saiki.cli.terminal;

/// The three exit codes of every command.
public final class ExitCode {

    /// The command completed successfully.
    public static final int DONE = 0;

    /// The program or the machine failed.
    public static final int FAILED = 1;

    /// The command was used wrongly: the user must correct an option, a file or the output folder.
    public static final int WRONG_USE = 2;

    private ExitCode() {}
}
