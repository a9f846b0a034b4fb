package dev.saiki.text.problem;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.MarkedAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/// A writer of problems of one split as texts.
public final class ProblemWriter {

    /// The maximum number of attempts to draw a problem of the split.
    private static final int MOST_ATTEMPTS = 10_000;

    private final List<ProblemFamily> families;
    private final ProblemForm form;
    private final List<String> names;
    private final ProblemSplit split;
    private final SplittableRandom random;

    /// The names that the text has not used yet. A name has one meaning in a text, as long as there are new ones.
    private final List<Integer> unused = new ArrayList<>();

    /// The characters that problems are behind their share of the mixed texts so far; below 0 if they are ahead.
    private double owed;

    /// Makes a writer.
    ///
    /// @param families the families, drawn evenly, at least one
    /// @param form the form of the problems
    /// @param names at least 26 names for sentences
    /// @param split the split of the problems
    /// @param random the source of random numbers
    public ProblemWriter(
            List<ProblemFamily> families,
            ProblemForm form,
            List<String> names,
            ProblemSplit split,
            SplittableRandom random) {
        this.families = List.copyOf(families);
        this.form = form;
        this.names = List.copyOf(names);
        this.split = split;
        this.random = random;
    }

    /// Draws a problem.
    ///
    /// @param difficulty its difficulty; for families with several questions that of the hardest
    /// @return the problem as a text
    /// @throws InputException if the split has no problem of the difficulty
    public MarkedText problem(int difficulty) {
        ProblemFamily family = families.get(random.nextInt(families.size()));
        return find(family, difficulty)
                .orElseThrow(() -> new InputException("problems: " + family + " has no problem of difficulty "
                        + difficulty + " in the split " + split + "; begin with a greater difficulty"));
    }

    /// Returns whether the split has problems of a difficulty in every family; small ones may have too few questions.
    ///
    /// @param difficulty the difficulty
    /// @return whether there are such problems
    boolean has(int difficulty) {
        return families.stream().allMatch(family -> find(family, difficulty).isPresent());
    }

    private Optional<MarkedText> find(ProblemFamily family, int difficulty) {
        int asked = Math.min(difficulty, family.hardest());
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            List<Integer> numbers = numbers();
            ListIterator<Integer> next = numbers.listIterator();
            Problem problem = new Problem(form, names, next);
            family.write(problem, asked, random);
            if (split.has(problem)) {
                unused.removeAll(numbers.subList(0, next.nextIndex()));
                if (unused.isEmpty()) {
                    beginText();
                }
                return Optional.of(problem.finish());
            }
        }
        return Optional.empty();
    }

    /// The numbers of all names in random order, those that the text has not used yet first.
    private List<Integer> numbers() {
        List<Integer> used =
                new ArrayList<>(IntStream.range(0, ProblemFamily.NAMES).boxed().toList());
        used.removeAll(unused);
        List<Integer> numbers = new ArrayList<>(unused);
        ProblemFamily.shuffle(numbers, random);
        ProblemFamily.shuffle(used, random);
        numbers.addAll(used);
        return numbers;
    }

    private void beginText() {
        unused.clear();
        IntStream.range(0, ProblemFamily.NAMES).forEach(unused::add);
    }

    /// Writes problems one after another.
    ///
    /// @param difficulties called for the difficulty of each
    /// @param characters the length at which the text ends, with the problem that reaches it
    /// @return the text
    public MarkedText document(IntSupplier difficulties, int characters) {
        return document(difficulties, characters, () -> true);
    }

    /// Writes problems one after another, as long as there are any.
    MarkedText document(IntSupplier difficulties, int characters, BooleanSupplier hasNext) {
        beginText();
        StringBuilder text = new StringBuilder();
        List<MarkedAnswer> answers = new ArrayList<>();
        while (text.length() < characters && hasNext.getAsBoolean()) {
            append(text, answers, problem(difficulties.getAsInt()), " ");
        }
        return new MarkedText(text.toString(), answers);
    }

    /// Puts problems between the paragraphs of a text. Problems keep to their share over all texts, not in each.
    ///
    /// @param plain the text
    /// @param share the share of all characters that problems get, in [0, 1)
    /// @param difficulties called for the difficulty of each
    /// @return the mixed text
    public MarkedText amid(String plain, double share, IntSupplier difficulties) {
        beginText();
        StringBuilder text = new StringBuilder();
        List<MarkedAnswer> answers = new ArrayList<>();
        for (String paragraph : plain.lines().toList()) {
            text.append(paragraph).append('\n');
            owed += (paragraph.length() + 1) * share / (1 - share);
            while (owed > 0) {
                int before = text.length();
                append(text, answers, problem(difficulties.getAsInt()), "");
                text.append('\n');
                owed -= text.length() - before;
            }
        }
        return new MarkedText(text.toString(), answers);
    }

    private static void append(StringBuilder text, List<MarkedAnswer> answers, MarkedText problem, String separator) {
        if (!text.isEmpty()) {
            text.append(separator);
        }
        int offset = text.length();
        problem.markedAnswers().forEach(answer -> answers.add(answer.movedBy(offset)));
        text.append(problem.text());
    }
}
