package dev.saiki.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.saiki.io.InputException;
import dev.saiki.study.plan.StudyPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests of `examples/plan.yaml`, the reference of plan keys.
class ExamplePlanTest {

    private static final Path EXAMPLE = Path.of("..", "examples", "plan.yaml");

    /// The reader's message for a key that resembles no known key.
    private static final Pattern KNOWN = Pattern.compile("unknown key \\S*zzzzzzzzzzzz; known are ([\\w, ]+)");

    @TempDir
    private Path folder;

    @Test
    void theExampleCanBeRun() {
        StudyPlan plan = StudyPlan.read(EXAMPLE);
        Path out = folder.resolve("out");
        RunPlanner runs = new RunPlanner(plan, out, out.resolve("data"), OptionalInt.empty());
        assertThatCode(runs::requireMeasurable).doesNotThrowAnyException();
        assertThat(runs.sweep()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "data",
                "schedule",
                "  mor2",
                "sweep",
                "evaluation",
                "    one_pass",
                "    exit_75",
                "  writing",
            })
    void everyKeyOfASectionIsInTheExample(String section) throws IOException {
        String text = Files.readString(EXAMPLE);
        String indent = section.replaceAll("\\S", "") + (section.isEmpty() ? "" : "  ");
        String wrong = section.isEmpty()
                ? text + "\nzzzzzzzzzzzz: 1\n"
                : text.replace("\n" + section + ":\n", "\n" + section + ":\n" + indent + "zzzzzzzzzzzz: 1\n");
        Path file = Files.writeString(folder.resolve("plan.yaml"), wrong);
        InputException refusal = catchThrowableOfType(InputException.class, () -> StudyPlan.read(file));
        Matcher known = KNOWN.matcher(String.valueOf(refusal.getMessage()));
        assertThat(known.find()).as(refusal.getMessage()).isTrue();
        assertThat(List.of(known.group(1).split(", ")))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(text).containsPattern("(?m)^" + indent + "(# )?" + key + ":( |$)"));
    }
}
