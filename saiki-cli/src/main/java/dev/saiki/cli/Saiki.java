package dev.saiki.cli;

import dev.saiki.cli.serving.StartFailures;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The `saiki` command itself: what all subcommands share, and the list of them.
@Command(
        name = "saiki",
        description = "Mixture-of-Recursions language models on the JVM: pretrain, evaluate, generate.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = "%nExit codes: 0 done, 1 failed, 2 wrong use. Start with `saiki pilot`.")
public final class Saiki implements Callable<Integer> {

    private static final int LEAST_HELP_COLUMNS = 60;
    private static final int MOST_HELP_COLUMNS = 120;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show a failure in full (or set SAIKI_STACKTRACE=1).")
    private boolean stacktrace;

    private final Console console;

    private Saiki(Console console) {
        this.console = console;
    }

    /// Runs one command.
    ///
    /// @param arguments the command line, without the program's name
    /// @param out where results go
    /// @param err where progress, warnings and errors go
    /// @return the exit code: 0 done, 1 failed, 2 wrong use
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return run(arguments, Console.of(out, err));
    }

    static int run(String[] arguments, Console console) {
        Saiki root = new Saiki(console);
        ErrorReporter failures =
                new ErrorReporter(console, () -> root.stacktrace, StartFailures.areLogged(List.of(arguments)));
        try {
            CommandLine commandLine = commandLine(root, needed(arguments));
            commandLine.setExecutionStrategy(new StoredOutputs(console));
            commandLine.setExecutionExceptionHandler((failure, command, parsed) -> failures.report(failure));
            commandLine.setParameterExceptionHandler((wrong, given) -> failures.reportWrongUse(wrong, given));
            int exitCode = commandLine.execute(arguments);
            return console.out().checkError() ? failures.reportLostOutput() : exitCode;
        } catch (Error failure) {
            // Picocli hands over exceptions only; a missing native library or too small a heap is an error.
            return failures.report(failure);
        } finally {
            console.out().flush();
            console.err().flush();
        }
    }

    /// The whole command model, as tests and documents need it.
    ///
    /// @param out where results go
    /// @param err where progress, warnings and errors go
    /// @return the model of all commands and options
    public static CommandLine commandLine(PrintStream out, PrintStream err) {
        return commandLine(Console.of(out, err));
    }

    static CommandLine commandLine(Console console) {
        return commandLine(new Saiki(console), EnumSet.allOf(Subcommand.class));
    }

    /// The commands that these arguments may need: the one that the first word names, or all.
    private static Set<Subcommand> needed(String[] arguments) {
        Optional<Subcommand> named = arguments.length == 0 ? Optional.empty() : Subcommand.called(arguments[0]);
        return named.<Set<Subcommand>>map(EnumSet::of).orElseGet(() -> EnumSet.allOf(Subcommand.class));
    }

    private static CommandLine commandLine(Saiki root, Set<Subcommand> subcommands) {
        Console console = root.console;
        CommandLine commandLine = new CommandLine(root);
        subcommands.forEach(subcommand -> commandLine.addSubcommand(subcommand.model(console)));
        return commandLine
                .setOut(writer(console.out()))
                .setErr(writer(console.err()))
                .setUsageHelpWidth(Math.clamp(console.columns(), LEAST_HELP_COLUMNS, MOST_HELP_COLUMNS))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(double.class, Saiki::finite)
                .registerConverter(Double.class, Saiki::finite)
                .setColorScheme(Help.defaultColorScheme(console.outHasColour() ? Help.Ansi.ON : Help.Ansi.OFF));
    }

    /// Reads an option's number. Java also takes words for it that are no numbers.
    private static double finite(String text) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told like the others.
        }
        throw new CommandLine.TypeConversionException("'" + text + "' is not a double");
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    @Override
    public Integer call() {
        commandLine(this, EnumSet.allOf(Subcommand.class)).usage(console.err());
        return ExitCode.WRONG_USE;
    }
}
