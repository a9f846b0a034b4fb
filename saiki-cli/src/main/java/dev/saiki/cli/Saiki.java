package dev.saiki.cli;

import dev.saiki.cli.serving.ServeConfig;
import dev.saiki.cli.serving.StartFailures;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.io.InputException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The `saiki` command itself: the options shared by all subcommands, and the list of subcommands.
@Command(
        name = "saiki",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = "%nExit codes: 0 done, 1 failed, 2 wrong use. First steps: `saiki generate`, then `saiki serve`.")
public final class Saiki implements Callable<Integer> {

    private static final int MIN_HELP_COLUMNS = 60;
    private static final int MAX_HELP_COLUMNS = 120;

    private static final String STACKTRACE = "--stacktrace";

    @Option(names = STACKTRACE, scope = ScopeType.INHERIT)
    private boolean stacktrace;

    private final Console console;

    private Saiki(Console console) {
        this.console = console;
    }

    /// Runs one command.
    ///
    /// @param arguments the command line, without the program's name
    /// @param out the stream for results
    /// @param err the stream for progress, warnings and errors
    /// @return the exit code: 0 for done, 1 for failed, 2 for wrong use
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        return run(arguments, Console.of(out, err));
    }

    static int run(String[] given, Console console) {
        Saiki root = new Saiki(console);
        OldNames renamed = OldNames.replacedIn(commandFirst(given));
        renamed.notice().ifPresent(notice -> console.err().println("saiki: " + notice));
        List<String> words = renamed.arguments();
        try {
            if (words.stream().findFirst().equals(Optional.of(Subcommand.SERVE.word()))) {
                words = ServeConfig.expand(words, Subcommand.SERVE.model(console));
            }
        } catch (InputException wrong) {
            boolean isTraced = words.contains(STACKTRACE);
            return new ErrorReporter(console, () -> isTraced, StartFailures.areLogged(words)).report(wrong);
        }
        return run(root, words, console);
    }

    /// Moves `--stacktrace`, the only option that may precede a command, to the end of the command line.
    private static List<String> commandFirst(String[] given) {
        List<String> words = new ArrayList<>(List.of(given));
        if (words.size() > 1 && words.getFirst().equals(STACKTRACE)) {
            words.add(words.removeFirst());
        }
        return words;
    }

    private static int run(Saiki root, List<String> words, Console console) {
        ErrorReporter failures = new ErrorReporter(console, () -> root.stacktrace, StartFailures.areLogged(words));
        try {
            CommandLine commandLine = commandLine(root, needed(words, console));
            commandLine.setExecutionStrategy(new StoredOutputs(console));
            commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
                failures.nameOutputs(() -> StoredOutputs.localOutputs(parsed));
                return failures.report(failure);
            });
            commandLine.setParameterExceptionHandler(failures::reportWrongUse);
            int exitCode = commandLine.execute(words.toArray(String[]::new));
            return console.out().checkError() ? failures.reportLostOutput() : exitCode;
        } catch (Error failure) {
            // Picocli handles exceptions only, but a missing native library or too small a heap causes an Error.
            return failures.report(failure);
        } finally {
            console.out().flush();
            console.err().flush();
        }
    }

    /// Builds the complete command model, for tests and documents.
    ///
    /// @param out the stream for results
    /// @param err the stream for progress, warnings and errors
    /// @return the model of all commands and options
    public static CommandLine commandLine(PrintStream out, PrintStream err) {
        return commandLine(Console.of(out, err));
    }

    static CommandLine commandLine(Console console) {
        return commandLine(new Saiki(console), all(console));
    }

    private static List<CommandLine> all(Console console) {
        return Arrays.stream(Subcommand.values())
                .map(subcommand -> subcommand.model(console))
                .toList();
    }

    /// The commands needed to parse these arguments: the one named by the first word, or all.
    private static List<CommandLine> needed(List<String> arguments, Console console) {
        Optional<Subcommand> named = arguments.stream().findFirst().flatMap(Subcommand::called);
        return named.isPresent()
                ? List.of(named.get().model(console, arguments.stream().skip(1).findFirst()))
                : all(console);
    }

    private static CommandLine commandLine(Saiki root, List<CommandLine> subcommands) {
        Console console = root.console;
        CommandLine commandLine = new CommandLine(root);
        for (CommandLine subcommand : subcommands) {
            commandLine.addSubcommand(subcommand);
        }
        commandLine.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, _ -> "");
        commandLine.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Saiki::listBySubject);
        return commandLine
                .setHelpFactory(HelpWithDefaults::new)
                .setOut(writer(console.out()))
                .setErr(writer(console.err()))
                .setUsageHelpWidth(Math.clamp(console.columns(), MIN_HELP_COLUMNS, MAX_HELP_COLUMNS))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(double.class, Saiki::finite)
                .registerConverter(Double.class, Saiki::finite)
                .setColorScheme(Help.defaultColorScheme(console.outHasColour() ? Help.Ansi.ON : Help.Ansi.OFF));
    }

    private static String listBySubject(Help help) {
        StringBuilder list = new StringBuilder();
        for (Subcommand.Subject subject : Subcommand.Subject.values()) {
            Map<String, Help> commands = new LinkedHashMap<>(help.subcommands());
            commands.keySet()
                    .retainAll(subject.commands().stream().map(Subcommand::word).toList());
            list.append(System.lineSeparator())
                    .append(subject.title())
                    .append(System.lineSeparator())
                    .append(help.commandList(commands));
        }
        return list.toString();
    }

    /// Parses an option's number, and rejects NaN and Infinity, which Java's own parser accepts.
    private static double finite(String text) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Reported by the exception below.
        }
        throw new CommandLine.TypeConversionException("'" + text + "' is not a double");
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    @Override
    public Integer call() {
        commandLine(console).usage(console.err());
        return ExitCode.WRONG_USE;
    }
}
