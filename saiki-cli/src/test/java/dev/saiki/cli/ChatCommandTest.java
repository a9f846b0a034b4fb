package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.terminal.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatCommandTest {

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void makeModel() {
        model = Workbench.in(folder).model();
    }

    private static CommandRun chat(String said, Object... options) {
        Object[] words = new Object[options.length + 5];
        Object[] command = {"chat", "--model", model, "--max-tokens", 8};
        System.arraycopy(command, 0, words, 0, 5);
        System.arraycopy(options, 0, words, 5, options.length);
        return CommandRun.reading(said, words).succeeds();
    }

    /// The notes after the first line, which lists the commands.
    private static String told(CommandRun run) {
        return run.err().substring(run.err().indexOf('\n') + 1);
    }

    @Test
    void eachLineIsAnsweredUntilTheEnd() {
        CommandRun run = chat("the sea\n\nand the whale\n");
        assertThat(run.err())
                .startsWith("This is model, with 64 tokens of context.")
                .contains("/quit");
        assertThat(run.out().lines().count()).isGreaterThanOrEqualTo(2);
        assertThat(chat("the sea\n\nand the whale\n").out()).isEqualTo(run.out());
        assertThat(chat("/quit\nthe sea\n").out()).isEmpty();
    }

    @Test
    void aResetForgetsWhatWasSaid() {
        String alone = chat("the sea\n", "--temperature", 0).out();
        assertThat(chat("and the whale\n/reset\nthe sea\n", "--temperature", 0).out())
                .endsWith(alone);
    }

    @Test
    void theOldestTurnsMakeRoom() {
        CommandRun run = chat("the sea\nand the whale\nof the ship\nthe captain and the union\n");
        assertThat(told(run)).contains("the context is full: the oldest", "turns are dropped");
        assertThat(told(chat("the sea ".repeat(60) + "\n"))).contains("the message is too long", "--max-tokens");
    }

    @Test
    void depthsAreNumbersWithoutColoursAndOnlyIfWanted() {
        assertThat(chat("the sea\n").out()).doesNotContain("₁", "\u001b");
        CommandRun run = chat("/depth\nthe sea\n");
        assertThat(run.out()).containsPattern("[₁₂₃]").doesNotContain("\u001b");
        assertThat(told(run)).startsWith("depth: ₁ ₂ ₃");
    }

    @Test
    void depthsAreColoursWhereThereAreAnyUnlessNoneAreWanted() {
        assertThat(atTerminal(Map.of())).contains("\u001b[38;5;").doesNotContain("₁");
        assertThat(atTerminal(Map.of("NO_COLOR", "1"))).doesNotContain("\u001b");
    }

    /// The output of a conversation if standard output is a terminal.
    private static String atTerminal(Map<String, String> environment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream printed = new PrintStream(out, true, StandardCharsets.UTF_8);
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Console console = new Console(
                new ByteArrayInputStream("the sea\n".getBytes(StandardCharsets.UTF_8)),
                printed,
                nowhere,
                false,
                true,
                false,
                environment);
        String[] words = {"chat", "--model", model.toString(), "--max-tokens", "8"};
        assertThat(Saiki.run(words, console)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatMakesNoSenseIsSaid() {
        assertThat(told(chat("/rest\n"))).contains("unknown command /rest; did you mean /reset?");
        CommandRun.of("chat", "--model", model, "--max-tokens", 64)
                .isRefused("--max-tokens must be from 1 to 63", "64");
        CommandRun.of("chat", "--model", model, "--temperature", -1).isRefused("temperature", "-1");
    }
}
