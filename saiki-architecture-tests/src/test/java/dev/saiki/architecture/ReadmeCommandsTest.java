package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.Saiki;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs what the README says, in its order, with everything as it stands but for less training.
class ReadmeCommandsTest {

    /// What is changed to make the run short.
    private static final Map<String, String> SMALLER = Map.of(
            "schedule.forward_flops=1.0e+13",
            "schedule.forward_flops=2.0e+11",
            "60",
            "6",
            "128",
            "2",
            "500",
            "4",
            "plans/isoflop-small.yaml",
            Repository.ROOT
                    .resolve("saiki-architecture-tests/src/test/resources/small-plan.yaml")
                    .toString());

    @TempDir
    Path folder = Path.of("");

    @Test
    void theStepsByHandWorkOneAfterTheOther() {
        List<List<String>> commands = Documents.commands("README.md").stream()
                .filter(words -> words.getFirst().equals("./saiki") && ends(words.get(1)))
                .toList();
        assertThat(commands).hasSizeGreaterThan(6);
        for (List<String> command : commands) {
            run(command.subList(1, command.size()));
        }
    }

    /// Whether a command is over soon and needs no server before it; a test of its own runs each of the others.
    private static boolean ends(String command) {
        return !List.of("pilot", "serve", "audit").contains(command);
    }

    @Test
    @Tag("slow")
    void thePilotWorks() {
        assertThat(Documents.commands("README.md")).contains(List.of("./saiki", "pilot"));
        String out = run(List.of("pilot", "--minutes", "0.2", "--out", "runs/pilot"));
        assertThat(out).contains("vanilla", "recursive", "MoR", "report.html");
    }

    private String run(List<String> words) {
        List<String> arguments = new ArrayList<>();
        for (String word : words) {
            String value = SMALLER.getOrDefault(word, word);
            arguments.add(value.replaceFirst("(^|=)(runs/)", "$1" + folder + "/$2")
                    .replaceFirst("^(recipes/|saiki-text/)", Repository.ROOT + "/$1"));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Saiki.run(
                arguments.toArray(String[]::new),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(exitCode)
                .as("saiki %s%n%s", String.join(" ", arguments), err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(out.size()).isPositive();
        return out.toString(StandardCharsets.UTF_8);
    }
}
