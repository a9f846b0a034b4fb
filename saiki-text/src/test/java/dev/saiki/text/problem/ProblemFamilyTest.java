package dev.saiki.text.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.corpus.MarkedAnswer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Solves the problems from their text alone, with code that shares nothing with the generator's.
class ProblemFamilyTest {

    private static final long SEED = 20261130;

    /// A family and a solver that returns the answers to a problem's text in symbols, in order, with difficulties.
    record Solver(ProblemFamily family, Function<String[], List<Solved>> solve) {

        @Override
        public String toString() {
            return family.name();
        }
    }

    record Solved(String answer, int difficulty) {}

    private static List<Solver> solvers() {
        return List.of(
                new Solver(ProblemFamily.BALL, ProblemFamilyTest::ball),
                new Solver(ProblemFamily.ROW3, ProblemFamilyTest::row),
                new Solver(ProblemFamily.ROW5, ProblemFamilyTest::row),
                new Solver(ProblemFamily.ALIAS, ProblemFamilyTest::alias),
                new Solver(ProblemFamily.MANAGER, ProblemFamilyTest::manager),
                new Solver(ProblemFamily.EXPRESSION, ProblemFamilyTest::expression));
    }

    private static List<Solved> ball(String[] words) {
        char at = words[0].charAt(0);
        int question = Arrays.asList(words).indexOf("?");
        for (String move : Arrays.copyOfRange(words, 1, question)) {
            String swapped = move.toLowerCase(Locale.ROOT);
            int place = swapped.indexOf(at);
            at = place < 0 ? at : swapped.charAt(1 - place);
        }
        return List.of(new Solved(String.valueOf(at), question - 1));
    }

    private static List<Solved> row(String[] words) {
        String row = words[0];
        int question = Arrays.asList(words).indexOf("?");
        for (String order : Arrays.copyOfRange(words, 1, question)) {
            StringBuilder next = new StringBuilder();
            for (int i = 0; i < order.length(); i++) {
                next.append(row.charAt(order.charAt(i) - '1'));
            }
            row = next.toString();
        }
        return List.of(new Solved(row, question - 1));
    }

    private static List<Solved> alias(String[] words) {
        Map<String, String> meaning = new HashMap<>();
        List<Solved> solved = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            if (words[i].equals("=")) {
                meaning.put(words[i - 1], words[i + 1]);
            } else if (words[i].equals("?")) {
                int steps = 0;
                String name = words[i + 1];
                for (; meaning.containsKey(name); steps++) {
                    name = meaning.getOrDefault(name, "");
                }
                solved.add(new Solved(name, steps));
            }
        }
        return solved;
    }

    private static List<Solved> manager(String[] words) {
        Map<String, String> superior = new HashMap<>();
        List<Solved> solved = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            if (words[i].equals(">")) {
                superior.put(words[i - 1], words[i + 1]);
            } else if (words[i].equals("?")) {
                int steps = Integer.parseInt(words[i + 1]);
                String person = words[i + 2];
                for (int step = 0; step < steps; step++) {
                    person = superior.getOrDefault(person, "");
                }
                solved.add(new Solved(person, steps));
            }
        }
        return solved;
    }

    /// Replaces innermost brackets by their values until one is left.
    private static List<Solved> expression(String[] words) {
        List<String> rest = new ArrayList<>(
                Arrays.asList(words).subList(0, Arrays.asList(words).indexOf("=")));
        int nesting = 0;
        int deepest = 0;
        for (String word : rest) {
            nesting += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            deepest = Math.max(deepest, nesting);
        }
        while (rest.size() > 1) {
            int close = rest.indexOf(")");
            List<String> inner = rest.subList(close - 4, close + 1);
            int left = Integer.parseInt(inner.get(1));
            int right = Integer.parseInt(inner.get(3));
            int value = Math.floorMod(inner.get(2).equals("+") ? left + right : left - right, 10);
            inner.clear();
            rest.add(close - 4, String.valueOf(value));
        }
        return List.of(new Solved(rest.getFirst(), deepest));
    }

    private static ProblemWriter writer(ProblemFamily family, ProblemForm form, long seed) {
        return new ProblemWriter(
                List.of(family), form, ProblemOptions.NAMES, ProblemSplit.TRAIN, new SplittableRandom(seed));
    }

    private static Iterator<Integer> numbers() {
        return IntStream.range(0, ProblemFamily.NAMES).iterator();
    }

    private static List<Solved> marked(MarkedText problem) {
        return problem.markedAnswers().stream()
                .map(answer -> new Solved(answerOf(problem, answer), answer.difficulty()))
                .toList();
    }

    private static String answerOf(MarkedText problem, MarkedAnswer answer) {
        return problem.text().substring(answer.start(), answer.end());
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void markedAnswersAreThoseOfAnIndependentSolver(Solver solver) {
        ProblemWriter writer = writer(solver.family(), ProblemForm.SYMBOLS, SEED);
        for (int difficulty = 1; difficulty <= 12; difficulty++) {
            for (int i = 0; i < 50; i++) {
                MarkedText problem = writer.problem(difficulty);
                assertThat(marked(problem))
                        .as("%s (seed %d)", problem.text(), SEED)
                        .containsExactlyElementsOf(
                                solver.solve().apply(problem.text().split(" ")));
                assertThat(marked(problem)).anyMatch(hasDifficulty(difficulty));
            }
        }
    }

    private static Predicate<Solved> hasDifficulty(int difficulty) {
        return solved -> solved.difficulty() == difficulty;
    }

    @ParameterizedTest
    @EnumSource(ProblemFamily.class)
    void sentencesHaveTheAnswersOfTheSymbols(ProblemFamily family) {
        ProblemWriter symbols = writer(family, ProblemForm.SYMBOLS, SEED);
        ProblemWriter sentences = writer(family, ProblemForm.SENTENCES, SEED);
        for (int i = 0; i < 50; i++) {
            List<Solved> expected = marked(symbols.problem(4));
            List<Solved> told = marked(sentences.problem(4));
            assertThat(told)
                    .extracting(Solved::difficulty)
                    .isEqualTo(expected.stream().map(Solved::difficulty).toList());
            assertThat(told)
                    .extracting(solved -> solved.answer().substring(0, 1).toLowerCase(Locale.ROOT))
                    .isEqualTo(expected.stream()
                            .map(solved -> solved.answer().substring(0, 1))
                            .toList());
        }
    }

    /// With a question for each trail, the last answer would be the number that is left.
    @Test
    void aNameHasOneMeaningInATextAsLongAsThereAreNewOnes() {
        ProblemWriter writer = writer(ProblemFamily.ALIAS, ProblemForm.SYMBOLS, SEED);
        for (int i = 0; i < 20; i++) {
            String text = writer.document(() -> 1, 180).text();
            List<String> defined = Stream.of(text.split(" = "))
                    .map(part -> part.substring(part.length() - 1))
                    .toList();
            assertThat(defined.subList(0, defined.size() - 1))
                    .as("%s (seed %d)", text, SEED)
                    .hasSizeBetween(16, 26)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void noAliasIsFoundByElimination() {
        ProblemWriter writer = writer(ProblemFamily.ALIAS, ProblemForm.SYMBOLS, SEED);
        int decided = 0;
        for (int i = 0; i < 500; i++) {
            MarkedText problem = writer.problem(4);
            List<String> words = Arrays.asList(problem.text().split(" "));
            List<String> left = new ArrayList<>(words.stream()
                    .limit(words.indexOf("?"))
                    .filter(word -> Character.isDigit(word.charAt(0)))
                    .toList());
            List<String> answers = marked(problem).stream().map(Solved::answer).toList();
            answers.subList(0, answers.size() - 1).forEach(left::remove);
            decided += left.size() == 1 && left.contains(answers.getLast()) ? 1 : 0;
        }
        assertThat(decided).isZero();
    }

    @Test
    void theRowIsReorderedByPlaces() {
        assertThat(row("abc 231 ? bca ;".split(" "))).containsExactly(new Solved("bca", 1));
    }

    @ParameterizedTest
    @EnumSource(ProblemFamily.class)
    void theSameSeedWritesTheSameProblems(ProblemFamily family) {
        assertThat(writer(family, ProblemForm.SENTENCES, 7).problem(5))
                .isEqualTo(writer(family, ProblemForm.SENTENCES, 7).problem(5))
                .isNotEqualTo(writer(family, ProblemForm.SENTENCES, 8).problem(5));
    }

    @ParameterizedTest
    @EnumSource(ProblemFamily.class)
    void noQuestionIsInBothSplitsInWhateverFormAndNames(ProblemFamily family) {
        List<String> others = Stream.iterate(0, i -> i + 1)
                .limit(ProblemFamily.NAMES)
                .map(i -> "N" + i)
                .toList();
        SplittableRandom random = new SplittableRandom(SEED);
        int heldOut = 0;
        for (int i = 0; i < 400; i++) {
            long seed = random.nextLong();
            Problem one = new Problem(ProblemForm.SYMBOLS, ProblemOptions.NAMES, numbers());
            Problem same = new Problem(ProblemForm.SENTENCES, others, numbers());
            family.write(one, 4, new SplittableRandom(seed));
            family.write(same, 4, new SplittableRandom(seed));
            assertThat(ProblemSplit.HELD_OUT.has(same)).isEqualTo(ProblemSplit.HELD_OUT.has(one));
            assertThat(ProblemSplit.TRAIN.has(one)).isNotEqualTo(ProblemSplit.HELD_OUT.has(one));
            heldOut += ProblemSplit.HELD_OUT.has(one) ? 1 : 0;
        }
        assertThat(heldOut).as("of 400, a tenth").isBetween(20, 65);
    }
}
