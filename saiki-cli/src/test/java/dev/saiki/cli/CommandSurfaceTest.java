package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.terminal.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// Freezes the commands and options: a change of `command-surface.txt` is a change that users notice.
class CommandSurfaceTest {

    private static CommandLine root() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        return Saiki.commandLine(nowhere, nowhere);
    }

    @Test
    void commandsAndOptionsAreTheAgreedOnes() throws IOException {
        List<String> surface = new ArrayList<>();
        describe(root(), surface);
        try (InputStream golden = Objects.requireNonNull(getClass().getResourceAsStream("/command-surface.txt"))) {
            String expected = new String(golden.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(String.join("\n", surface) + "\n").isEqualTo(expected);
        }
    }

    private static void describe(CommandLine command, List<String> surface) {
        String name = command.getCommandSpec().qualifiedName();
        surface.add(name);
        command.getCommandSpec().options().stream()
                .map(option -> "  " + String.join(", ", option.names()) + (option.required() ? " (required)" : "")
                        + (option.hidden() ? " (hidden)" : ""))
                .sorted()
                .forEach(surface::add);
        command.getSubcommands().values().forEach(subcommand -> describe(subcommand, surface));
    }

    static Stream<List<String>> commands() {
        List<List<String>> commands = new ArrayList<>();
        collect(root(), List.of(), commands);
        return commands.stream();
    }

    private static void collect(CommandLine command, List<String> path, List<List<String>> commands) {
        commands.add(path);
        command.getSubcommands().forEach((name, subcommand) -> {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            collect(subcommand, longer, commands);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelp(List<String> path) {
        List<String> words = new ArrayList<>(path);
        words.add("--help");
        CommandRun run = CommandRun.of(words.toArray());
        run.succeeds();
        assertThat(run.out()).startsWith("Usage: saiki").contains("--stacktrace", "Exit codes");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void helpExplainsEveryCommandAndOption() {
        assertThat(unexplained(root())).isEmpty();
    }

    private static List<String> unexplained(CommandLine command) {
        CommandSpec spec = command.getHelp().commandSpec();
        List<String> found = new ArrayList<>(spec.args().stream()
                .filter(argument -> !argument.hidden() && argument.description().length == 0)
                .map(argument -> spec.qualifiedName() + " " + argument.paramLabel())
                .toList());
        if (spec.usageMessage().description().length == 0) {
            found.add(spec.qualifiedName());
        }
        command.getSubcommands().values().forEach(below -> found.addAll(unexplained(below)));
        return found;
    }

    @Test
    void theWordOfACommandIsItsName() {
        Console console = Console.of(
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
        for (Subcommand subcommand : Subcommand.values()) {
            assertThat(subcommand.model(console).getCommandName()).isEqualTo(subcommand.word());
            assertThat(Subcommand.called(subcommand.word())).contains(subcommand);
        }
        assertThat(Subcommand.called("Generate")).isEmpty();
    }

    @Test
    void aWordThatIsNoCommandIsHeldAgainstAllOfThem() {
        CommandRun.of("generat").isRefused("generat", "did you mean", "generate");
    }

    @Test
    void earlierNamesOfOptionsWorkAndAreNotShown() {
        root().parseArgs("audit", "router", "--model", "model", "--data", "data");
        root().parseArgs("bench", "decode", "--model", "model", "--depths", "0.5,0.5");
        root().parseArgs("serve", "--model", "model", "--model-name", "name");
        assertThat(CommandRun.of("audit", "router", "--help").out())
                .contains("--dataset=")
                .doesNotContain("--data=");
        assertThat(CommandRun.of("bench", "decode", "--help").out())
                .contains("--depth-shares=")
                .doesNotContain("--depths=");
    }

    @Test
    void noCommandShowsHelpAndIsWrongUse() {
        CommandRun run = CommandRun.of();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("Usage: saiki", "pilot");
        assertThat(run.out()).isEmpty();
        CommandRun.of("tokenizer").isRefused("saiki tokenizer needs a command: train");
    }

    @Test
    void theVersionIsOneLineOfOurs() {
        assertThat(CommandRun.of("--version").succeeds().out()).startsWith("saiki 0.");
        assertThat(CommandRun.of("version").succeeds().out())
                .isEqualTo(CommandRun.of("--version").out());
        assertThat(CommandRun.of("version", "--json").succeeds().json().propertyNames())
                .containsExactly("saiki", "jdk", "system");
    }

    @Test
    void helpIsThatOfTheCommand() {
        for (List<String> path : List.of(List.<String>of(), List.of("serve"), List.of("bench", "serve"))) {
            List<String> help = new ArrayList<>(path);
            help.addFirst("help");
            List<String> option = new ArrayList<>(path);
            option.add("--help");
            assertThat(CommandRun.of(help.toArray()).succeeds().out())
                    .isEqualTo(CommandRun.of(option.toArray()).out());
        }
        CommandRun.of("help", "srve").isRefused("srve", "did you mean", "serve");
    }

    @Test
    void theHelpOfTheServerHasItsOptionsInGroups() {
        assertThat(CommandRun.of("serve", "--help-all").succeeds().out())
                .containsSubsequence(
                        "--model=",
                        "Listening",
                        "--port=",
                        "Access",
                        "--api-keys=",
                        "Engine",
                        "--weights=",
                        "Limits",
                        "--max-waiting=",
                        "Load",
                        "--shed-floor=",
                        "Circuit breaker",
                        "--drift-limit=",
                        "Audit",
                        "--audit-texts",
                        "Logs, metrics and traces",
                        "--log-format=",
                        "An example for --config",
                        "port: 8080");
    }

    @Test
    void theHelpOfTheServerIsShort() {
        String help = CommandRun.of("serve", "--help").succeeds().out();
        assertThat(help.lines().filter(line -> line.matches("^ +(-\\w, )?--.*")))
                .hasSize(20);
        assertThat(help).doesNotContain("--shed-floor");
    }
}
