package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The completion scripts, run in their shells.
class CompletionCommandTest {

    @TempDir
    private Path folder;

    private Path script(String shell) throws IOException {
        return Files.writeString(
                folder.resolve("saiki." + shell),
                CommandRun.of("completion", shell).succeeds().out());
    }

    private static String run(String... command) throws IOException, InterruptedException {
        try {
            TestProcess.Ended ended = TestProcess.run(Duration.ofSeconds(30), List.of(command));
            assertThat(ended.exitCode()).as(ended.output()).isZero();
            return ended.output();
        } catch (IOException absent) {
            assumeTrue(false, command[0] + " is not installed");
            throw absent;
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    saiki ev                  | eval     | export
                    saiki bench pre           | prefill  | decode
                    saiki keys add --ro       | --role   | --name
                    saiki eval score --engine c | cpu    | torch
                    saiki completion z        | zsh      | bash
                    """)
    void bashCompletesCommandsOptionsAndValues(String line, String completed, String other)
            throws IOException, InterruptedException {
        String words = "COMP_WORDS=(" + line + "); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ));";
        String shown = run(
                "bash",
                "-c",
                "source " + script("bash") + "; " + words + " _complete_saiki; printf '%s\\n' \"${COMPREPLY[@]}\"");
        assertThat(shown.lines().map(String::strip)).contains(completed).doesNotContain(other);
    }

    @Test
    void zshTakesTheScriptOfBash() throws IOException, InterruptedException {
        assertThat(run(
                        "zsh",
                        "-f",
                        "-c",
                        "autoload -Uz compinit; compinit -u -D; source " + script("zsh")
                                + "; print ${_comps[saiki]} ${+functions[_complete_saiki]}"))
                .contains("_bash_complete", "_complete_saiki", "1");
    }

    @Test
    void hiddenOptionsAreNotProposed() {
        assertThat(CommandRun.of("completion", "bash").succeeds().out()).doesNotContain("model-name");
        CommandRun.of("completion", "tcsh").isRefused("must be one of bash, zsh, got tcsh");
    }
}
