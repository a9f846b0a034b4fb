package dev.saiki.cli;

/// The three exit codes of every command.
final class ExitCode {

    /// The command did what it was asked to.
    static final int DONE = 0;

    /// The program or the machine failed.
    static final int FAILED = 1;

    /// The command was used wrongly: an option, a file or the folder it writes to has to be put right.
    static final int WRONG_USE = 2;

    private ExitCode() {}
}
