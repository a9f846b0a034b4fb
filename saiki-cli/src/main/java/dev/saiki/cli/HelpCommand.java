package dev.saiki.cli;

import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `saiki help`: prints the same text as `--help` of a command.
///
/// Picocli's own help command was rejected: it takes one word only, but a command such as `bench serve` has two.
@Command(name = "help")
final class HelpCommand extends ConsoleCommand {

    @Parameters(arity = "0..*", paramLabel = "COMMAND")
    private List<String> words = new ArrayList<>();

    @Override
    protected void run() {
        CommandLine command = Saiki.commandLine(console);
        for (String word : words) {
            CommandLine within = command;
            command = Optional.ofNullable(within.getSubcommands().get(word))
                    .orElseThrow(() -> unknown(word, within.getSubcommands().keySet()));
        }
        command.usage(console.out());
    }

    private static InputException unknown(String word, Set<String> known) {
        return new InputException("unknown command " + word + (known.isEmpty() ? "" : Suggestions.hint(word, known)));
    }
}
