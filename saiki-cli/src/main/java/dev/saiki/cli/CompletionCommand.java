package dev.saiki.cli;

import dev.saiki.cli.terminal.ConsoleCommand;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `saiki completion`: the completion script of a shell, for commands, options and their values.
@Command(name = "completion")
final class CompletionCommand extends ConsoleCommand {

    private static final String NAME = "saiki";

    /// Matches the lists of values in picocli's script, which contain an enum's constants by their Java names.
    private static final Pattern CONSTANTS = Pattern.compile("(_(?:option|pos_param)_args=)(\\(.*\\))");

    @SuppressWarnings("UnusedVariable") // Both shells read the same script; picocli rejects any other value.
    @Parameters(paramLabel = "SHELL")
    private Shell shell = Shell.BASH;

    private enum Shell {
        BASH,
        ZSH
    }

    @Override
    protected void run() {
        CommandLine saiki = Saiki.commandLine(console);
        println(CONSTANTS.matcher(AutoComplete.bash(NAME, saiki)).replaceAll(CompletionCommand::spelledAsOptionsAre));
    }

    private static String spelledAsOptionsAre(MatchResult constants) {
        return Matcher.quoteReplacement(constants.group(1) + constants.group(2).toLowerCase(Locale.ROOT));
    }
}
