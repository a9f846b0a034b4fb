package dev.saiki.eval.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsistencyAuditTest {

    private static final long SEED = 20261127;

    @TempDir
    private Path folder;

    private static PromptMeasurement measured(int item, String group, double depth, String answer) {
        return new PromptMeasurement("item " + item, group, depth, answer, List.of());
    }

    /// Items whose depths differ much, and groups whose depths differ a little.
    private static List<PromptMeasurement> items(int count, double shift, RandomGenerator random) {
        List<PromptMeasurement> all = new ArrayList<>();
        for (int item = 0; item < count; item++) {
            double depth = 1 + 2 * random.nextDouble();
            for (String group : List.of("plain", "formal", "ja")) {
                double own = depth + 0.1 * random.nextGaussian() + (group.equals("ja") ? shift : 0);
                all.add(measured(item, group, own, group.equals("ja") && item % 2 == 0 ? "no" : "yes"));
            }
        }
        return all;
    }

    @Test
    void aGroupThatIsDeeperIsFoundThoughItemsDifferMore() {
        ConsistencyAudit audit = ConsistencyAudit.of(items(30, 0.15, new Random(SEED)), 2, new Random(SEED));
        assertThat(audit.pValueOfDepth()).isLessThan(0.01);
        ConsistencyAudit.Group ja = audit.groups().getLast();
        assertThat(ja.name()).isEqualTo("ja");
        assertThat(ja.difference().low()).isPositive();
        assertThat(ja.difference().mean()).isCloseTo(0.1, within(0.05));
        assertThat(ja.depth().high() - ja.depth().low()).isGreaterThan(0.2);
        assertThat(audit.examples())
                .hasSize(2)
                .allSatisfy(item -> assertThat(item).hasSize(3));
    }

    @Test
    void answersAreHeldAgainstThoseOfTheOtherGroups() {
        ConsistencyAudit audit = ConsistencyAudit.of(items(30, 0, new Random(SEED)), 0, new Random(SEED));
        assertThat(audit.equalAnswers()).isEqualTo(0.5);
        assertThat(audit.pValueOfAgreement()).isLessThan(0.01);
        assertThat(audit.groups()).extracting(ConsistencyAudit.Group::agreement).containsExactly(0.75, 0.75, 0.5);
    }

    @Test
    void withoutADifferenceItIsSeldomClaimed() {
        int claimed = 0;
        for (int run = 0; run < 100; run++) {
            RandomGenerator random = new Random(SEED + run);
            claimed += ConsistencyAudit.of(items(8, 0, random), 0, random).pValueOfDepth() <= 0.05 ? 1 : 0;
        }
        assertThat(claimed).isLessThanOrEqualTo(12);
    }

    @Test
    void equalDepthsHaveNoDifference() {
        List<PromptMeasurement> all = new ArrayList<>();
        for (int item = 0; item < 6; item++) {
            all.add(measured(item, "a", 2, "yes"));
            all.add(measured(item, "b", 2, "yes"));
        }
        ConsistencyAudit audit = ConsistencyAudit.of(all, 1, new Random(SEED));
        assertThat(audit.pValueOfDepth()).isEqualTo(1);
        assertThat(audit.pValueOfAgreement()).isEqualTo(1);
        assertThat(audit.equalAnswers()).isEqualTo(1);
    }

    @Test
    void promptsThatCannotBeComparedAreRefused() throws IOException {
        Path file = folder.resolve("prompts.jsonl");
        StringBuilder lines = new StringBuilder();
        for (int item = 0; item < 5; item++) {
            for (String group : List.of("a", "b")) {
                lines.append("{\"item\":\"i" + item + "\",\"group\":\"" + group + "\",\"prompt\":\"Hi\"}\n");
            }
        }
        Files.writeString(file, lines);
        assertThat(ConsistencyPrompt.read(file)).hasSize(10);
        Files.writeString(file, lines + "{\"item\":\"i0\",\"group\":\"a\",\"prompt\":\"Hi\"}\n");
        assertThatThrownBy(() -> ConsistencyPrompt.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("item 'i0' must be asked once in each group of [a, b], got [a, a, b]");
        Files.writeString(file, lines.toString().replace("\"b\"", "\"a\""));
        assertThatThrownBy(() -> ConsistencyPrompt.read(file))
                .hasMessageContaining("at least 2 groups and 5 items, got 1 groups and 5 items");
        Files.writeString(file, "{\"item\":\"i\",\"prompt\":\"Hi\"}\n");
        assertThatThrownBy(() -> ConsistencyPrompt.read(file)).hasMessageContaining("no column 'group'");
    }
}
