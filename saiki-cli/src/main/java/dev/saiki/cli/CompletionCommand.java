package dev.saiki.cli;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `saiki completion`: the completion script of a shell, for commands, options and their values.
@Command(
        name = "completion",
        description = {
            "Print a completion script for bash, zsh or fish.",
            "bash and zsh: `source <(saiki completion bash)`. fish: `saiki completion fish | source`."
        })
final class CompletionCommand implements Callable<Integer> {

    private static final String NAME = "saiki";

    /// The place where picocli's script lists the constants of an enum, by their Java names.
    private static final Pattern CONSTANTS = Pattern.compile("(_(?:option|pos_param)_args=)(\\(.*\\))");

    private final Console console;

    @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
    private Shell shell = Shell.BASH;

    CompletionCommand(Console console) {
        this.console = console;
    }

    /// A shell with a completion script.
    private enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Override
    public Integer call() {
        CommandLine saiki = Saiki.commandLine(console);
        console.out()
                .print(
                        switch (shell) {
                            case BASH, ZSH ->
                                CONSTANTS
                                        .matcher(AutoComplete.bash(NAME, saiki))
                                        .replaceAll(CompletionCommand::spelledAsOptionsAre);
                            case FISH -> new FishCompletion(NAME).script(saiki);
                        });
        return ExitCode.DONE;
    }

    private static String spelledAsOptionsAre(MatchResult constants) {
        return Matcher.quoteReplacement(constants.group(1) + constants.group(2).toLowerCase(Locale.ROOT));
    }
}
