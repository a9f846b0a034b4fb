package dev.saiki.cli.terminal;

/// The three exit codes of every command.
public final class ExitCode {

    /// The command did what it was asked to.
    public static final int DONE = 0;

    /// The program or the machine failed.
    public static final int FAILED = 1;

    /// The command was used wrongly: an option, a file or the folder it writes to has to be put right.
    public static final int WRONG_USE = 2;

    private ExitCode() {}
}
