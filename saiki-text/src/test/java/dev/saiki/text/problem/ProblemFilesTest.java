package dev.saiki.text.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ProblemFilesTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static ProblemOptions options(ProblemForm form, ProblemFamily... families) {
        return new ProblemOptions(List.of(families), form, ProblemOptions.NAMES, 2, 5, 7, 40, 200, 25, 3);
    }

    private List<Document> read(String file) throws IOException {
        try (Stream<Document> documents =
                Corpus.of(List.of(folder.resolve(file))).documents()) {
            return documents.toList();
        }
    }

    /// The questions of a text of symbols, each from the end of the problem before it.
    private static Set<String> questions(List<Document> documents) {
        return documents.stream()
                .flatMap(document -> Arrays.stream(document.text().split(" ; ?")))
                .map(problem -> problem.substring(0, problem.lastIndexOf(' ')))
                .collect(Collectors.toSet());
    }

    private static Map<Integer, Integer> byDifficulty(List<Document> documents) {
        Map<Integer, Integer> counts = new TreeMap<>();
        documents.forEach(
                document -> document.answers().forEach(answer -> counts.merge(answer.difficulty(), 1, Integer::sum)));
        return counts;
    }

    @ParameterizedTest
    @EnumSource(names = {"BALL", "ROW3", "ROW5", "EXPRESSION"})
    void noQuestionIsInTwoFiles(ProblemFamily family) throws IOException {
        new ProblemFiles(options(ProblemForm.SYMBOLS, family)).write(folder);
        Set<String> seen = new HashSet<>();
        for (String file : List.of(ProblemFiles.TRAINING_FILE, ProblemFiles.HELD_OUT_FILE, ProblemFiles.LONGER_FILE)) {
            Set<String> asked = questions(read(file));
            assertThat(asked).isNotEmpty().noneMatch(seen::contains);
            seen.addAll(asked);
        }
    }

    @Test
    void everyDifficultyIsEvaluatedEquallyOften() throws IOException {
        new ProblemFiles(options(ProblemForm.SENTENCES, ProblemFamily.BALL)).write(folder);
        assertThat(byDifficulty(read(ProblemFiles.HELD_OUT_FILE)))
                .isEqualTo(IntStream.rangeClosed(2, 5).boxed().collect(Collectors.toMap(level -> level, _ -> 25)));
        assertThat(byDifficulty(read(ProblemFiles.LONGER_FILE))).isEqualTo(Map.of(6, 25, 7, 25));
        assertThat(byDifficulty(read(ProblemFiles.TRAINING_FILE)).keySet()).containsExactly(2, 3, 4, 5);
    }

    /// Three things have six orders, too few for one in ten to be held out.
    @Test
    void evaluationBeginsWhereThereAreEnoughQuestions() throws IOException {
        new ProblemFiles(new ProblemOptions(
                        List.of(ProblemFamily.ROW3), ProblemForm.SYMBOLS, ProblemOptions.NAMES, 1, 4, 4, 20, 200, 5, 1))
                .write(folder);
        assertThat(byDifficulty(read(ProblemFiles.TRAINING_FILE))).containsKey(1);
        assertThat(byDifficulty(read(ProblemFiles.HELD_OUT_FILE)).keySet()).containsExactly(2, 3, 4);
        assertThatThrownBy(() -> new ProblemFiles(new ProblemOptions(
                                List.of(ProblemFamily.ROW3),
                                ProblemForm.SYMBOLS,
                                ProblemOptions.NAMES,
                                1,
                                1,
                                1,
                                20,
                                200,
                                5,
                                1))
                        .write(folder.resolve("none")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("one with enough questions to hold some out, got 1");
    }

    @Test
    void problemsAmidATextGetTheirShareAndKeepTheText() throws IOException {
        List<Document> plain = IntStream.range(0, 30)
                .mapToObj(i -> new Document("plain " + i, (i + " words of a paragraph\n").repeat(40)))
                .toList();
        new ProblemFiles(options(ProblemForm.SENTENCES, ProblemFamily.BALL, ProblemFamily.ALIAS))
                .writeAmid(folder, Corpus.ofDocuments("plain", plain), 0.1);
        List<Document> mixed = read(ProblemFiles.TRAINING_FILE);
        long before = plain.stream().mapToLong(each -> each.text().length()).sum();
        long after = mixed.stream().mapToLong(each -> each.text().length()).sum();
        assertThat((after - before) / (double) after).isCloseTo(0.1, within(0.03));
        for (int i = 0; i < plain.size(); i++) {
            int number = i;
            assertThat(mixed.get(i).text().lines().filter(line -> line.equals(number + " words of a paragraph")))
                    .hasSize(40);
            for (MarkedAnswer answer : mixed.get(i).answers()) {
                assertThat(mixed.get(i).text().substring(answer.start(), answer.end()))
                        .matches("[a-e0-9]");
            }
        }
    }

    @Test
    void settingsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new ProblemOptions(
                        List.of(ProblemFamily.BALL), ProblemForm.SYMBOLS, List.of("Ann"), 1, 2, 2, 1, 1, 1, 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("26");
        assertThatThrownBy(() -> new ProblemOptions(
                        List.of(ProblemFamily.EXPRESSION),
                        ProblemForm.SYMBOLS,
                        ProblemOptions.NAMES,
                        1,
                        2,
                        13,
                        1,
                        1,
                        1,
                        0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("expression");
        assertThatThrownBy(() -> new ProblemOptions(
                        List.of(ProblemFamily.BALL), ProblemForm.SYMBOLS, ProblemOptions.NAMES, 3, 2, 2, 1, 1, 1, 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("3, 2, 2");
    }
}
