package dev.saiki.eval.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProbeTaskTest {

    private static final long SEED = 23;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void answersAreRightAndDifficultyIsWhatItSays(ProbeTask task) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int difficulty = 1; difficulty <= task.hardest(); difficulty++) {
            for (int i = 0; i < 50; i++) {
                ProbeProblem problem = task.draw(difficulty, random);
                List<String> words = Arrays.asList(problem.prompt().split(" "));
                assertThat(words).startsWith(task.word()).endsWith("=");
                List<String> question = words.subList(1, words.size() - 1);
                assertThat(problem.difficulty()).isEqualTo(difficulty);
                assertThat(problem.answer())
                        .as("seed %d: %s", SEED, problem)
                        .isEqualTo(" "
                                + switch (task) {
                                    case SUM -> sum(question, difficulty);
                                    case HOPS -> follow(question, difficulty);
                                    case BRACKETS -> nesting(question);
                                    case REVERSE -> backwards(question, difficulty);
                                });
            }
        }
    }

    private static String sum(List<String> question, int additions) {
        assertThat(question.stream().filter("+"::equals)).hasSize(additions);
        return String.valueOf(question.stream()
                        .filter(word -> !word.equals("+"))
                        .mapToInt(Integer::parseInt)
                        .sum()
                % 10);
    }

    private static String follow(List<String> question, int hops) {
        int ask = question.indexOf("ask");
        Map<String, String> arrows = new HashMap<>();
        for (int i = 0; i < ask; i += 3) {
            assertThat(question.get(i + 1)).isEqualTo(">");
            arrows.put(question.get(i), question.get(i + 2));
        }
        assertThat(question.getLast()).isEqualTo(String.valueOf(hops));
        String at = question.get(ask + 1);
        for (int hop = 0; hop < hops; hop++) {
            at = String.valueOf(arrows.get(at));
        }
        return at;
    }

    private static String nesting(List<String> question) {
        String text = String.join("", question);
        assertThat(text).hasSize(14);
        int deepest = 0;
        while (!text.isEmpty()) {
            String peeled = text.replace("()", "");
            assertThat(peeled.length()).as("balanced").isLessThan(text.length());
            text = peeled;
            deepest++;
        }
        return String.valueOf(deepest);
    }

    private static String backwards(List<String> question, int letters) {
        assertThat(question).hasSize(letters).doesNotHaveDuplicates();
        return String.join(" ", question.reversed());
    }

    @Test
    void theSameSeedWritesTheSameFilesWithEveryLevelEquallyOften() throws Exception {
        ProbeFiles.write(folder.resolve("one"), 500, 4, 9);
        ProbeFiles.write(folder.resolve("two"), 500, 4, 9);
        for (String file : List.of(ProbeFiles.TRAINING_FILE, ProbeFiles.PROBES_FILE)) {
            assertThat(folder.resolve("one").resolve(file))
                    .hasSameTextualContentAs(folder.resolve("two").resolve(file));
        }
        List<ProbeProblem> problems = ProbeProblem.read(folder.resolve("one").resolve(ProbeFiles.PROBES_FILE));
        Map<String, Long> levels = problems.stream()
                .collect(
                        Collectors.groupingBy(problem -> problem.task() + problem.difficulty(), Collectors.counting()));
        assertThat(levels).hasSize(21);
        assertThat(levels.values()).containsOnly(4L);
        assertThat(Corpus.of(List.of(folder.resolve("one/text"))).documents()).hasSize(500);
    }

    @Test
    void wrongProblemsAreRefusedWithTheirLine() throws Exception {
        Path file = folder.resolve("probes.jsonl");
        assertThatThrownBy(() -> ProbeProblem.read(file)).hasMessageContaining("no such file");
        Files.writeString(file, "");
        assertThatThrownBy(() -> ProbeProblem.read(file)).hasMessageContaining("must have at least one problem");
        Files.write(file, new byte[] {'{', (byte) 0xff});
        assertThatThrownBy(() -> ProbeProblem.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not UTF-8");
        String good = "{\"task\": \"sum\", \"difficulty\": 1, \"prompt\": \"1 + 1 =\", \"answer\": \" 2\"}\n";
        for (String bad : List.of(
                "nonsense",
                "{\"task\": \"sum\"}",
                good.replace("1,", "0,"),
                good.replace(" 2", ""),
                good.replace("1 + 1 =", "1".repeat(10_000)))) {
            Files.writeString(file, good + bad);
            assertThatThrownBy(() -> ProbeProblem.read(file))
                    .as(bad)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("line 2");
        }
    }
}
