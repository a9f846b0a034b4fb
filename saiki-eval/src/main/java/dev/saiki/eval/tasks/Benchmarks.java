package dev.saiki.eval.tasks;

import dev.saiki.eval.tasks.Task.FewShotSelection;
import dev.saiki.eval.tasks.Task.FewShotSource;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.DataRow;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The questions of each benchmark. Prompts and metrics are those of lm-evaluation-harness, and columns are named
/// as in the Hugging Face data sets.
final class Benchmarks {

    static final List<String> LETTERS = List.of("A", "B", "C", "D");
    private static final int JAPANESE_CHOICES = 5;
    private static final List<Metric> ACCURACY = List.of(Metric.ACC);
    private static final List<Metric> CLOZE_METRICS = List.of(Metric.PERPLEXITY, Metric.ACC);
    private static final List<Metric> ACCURACIES = List.of(Metric.ACC, Metric.ACC_NORM, Metric.ACC_BYTES);

    /// Patterns use UNIX_LINES, since the dot in Python's patterns matches anything except a line feed.
    private static final Pattern BRACKETS = Pattern.compile("\\[.*?]", Pattern.UNIX_LINES);

    private Benchmarks() {}

    /// Predicting the last word of a passage, which requires the whole passage: column `text`.
    static Task lambada() {
        TaskSource test = new TaskSource.Split("lambada_openai", "test");
        return over("lambada_openai", test, FewShotSelection.DRAWN_WITH_SPARE, CLOZE_METRICS, Benchmarks::lastWord);
    }

    private static Item lastWord(DataRow row) {
        String text = row.text("text");
        int space = text.lastIndexOf(' ');
        return new Item.Cloze(text.substring(0, Math.max(0, space)), " " + text.substring(space + 1));
    }

    /// Choosing the continuation of a description: columns `activity_label`, `ctx_a`, `ctx_b`, `endings`, `label`.
    static Task hellaswag() {
        return withoutTest("hellaswag", ACCURACIES, row -> {
            String context = row.text("ctx_a") + " " + PythonText.capitalize(row.text("ctx_b"));
            return choices(
                    row,
                    cleaned(row.text("activity_label") + ": " + context),
                    row.texts("endings").stream().map(Benchmarks::cleaned).toList(),
                    row.wholeNumber("label"),
                    "label");
        });
    }

    /// Removes the remains of WikiHow's markup.
    static String cleaned(String text) {
        String titles = PythonText.strip(text).replace(" [title]", ". ");
        return BRACKETS.matcher(titles).replaceAll("").replace("  ", " ");
    }

    /// Choosing how to reach a goal in the physical world: columns `goal`, `sol1`, `sol2`, `label`.
    static Task piqa() {
        return withoutTest(
                "piqa",
                ACCURACIES,
                row -> choices(
                        row,
                        question(row.text("goal")),
                        List.of(row.text("sol1"), row.text("sol2")),
                        row.wholeNumber("label"),
                        "label"));
    }

    /// Choosing the antecedent of a pronoun: columns `sentence` with a `_`, `option1`, `option2`, `answer` (1 or
    /// 2). Partial scoring compares the likelihoods of the rest of the sentence after each name.
    static Task winogrande() {
        return withoutTest("winogrande", ACCURACY, row -> {
            String sentence = row.text("sentence");
            int gap = sentence.indexOf('_');
            InputException.require(gap >= 0, row.name(), "column 'sentence'", "a string with a _", "none in it");
            String before = sentence.substring(0, gap);
            long answer = row.wholeNumber("answer");
            requireIndex(row, "answer", 1, answer, 2);
            return new Item.Contexts(
                    List.of(before + row.text("option1"), before + row.text("option2")),
                    PythonText.strip(sentence.substring(gap + 1)),
                    (int) answer - 1);
        });
    }

    /// School science questions: columns `question`, `choices` (`text`, `label`), `answerKey`.
    static Task arc(String name) {
        return withTest(name, row -> labelled(row, question(row.text("question")), row.text("answerKey")));
    }

    /// Elementary science questions: columns `question_stem`, `choices` (`text`, `label`), `answerKey`.
    static Task openBookQa() {
        return withTest(
                "openbookqa",
                row -> labelled(row, row.text("question_stem"), PythonText.stripStart(row.text("answerKey"))));
    }

    private static Item labelled(DataRow row, String context, String key) {
        List<String> labels = row.row("choices").texts("label");
        List<String> texts = row.row("choices").texts("text");
        int gold = labels.indexOf(key);
        if (gold < 0 || labels.size() != texts.size()) {
            throw InputException.of(
                    row.name(), "column 'answerKey'", "one of " + labels + ", one label for each choice", key);
        }
        return choices(row, context, texts, gold, "answerKey");
    }

    /// Questions of one subject, answered by the letter of a listed choice: columns `question`, `choices` (4),
    /// `answer` (from 0).
    static Task mmlu(String subject) {
        return mmlu(
                "mmlu_" + subject,
                subject,
                "The following are multiple choice questions (with answers) about ",
                ACCURACY,
                row -> {
                    List<String> choices = fourChoices(row);
                    StringBuilder context = new StringBuilder(PythonText.strip(row.text("question")));
                    for (int i = 0; i < choices.size(); i++) {
                        context.append('\n').append(LETTERS.get(i)).append(". ").append(choices.get(i));
                    }
                    return choices(
                            row, context.append("\nAnswer:").toString(), LETTERS, row.wholeNumber("answer"), "answer");
                });
    }

    /// Questions of one subject, answered by the text of a choice; the prompt does not list the choices.
    static Task mmluContinuation(String subject) {
        return mmlu(
                "mmlu_" + subject + "_continuation",
                subject,
                "The following are questions (with answers) about ",
                ACCURACIES,
                row -> choices(
                        row,
                        question(PythonText.strip(row.text("question"))),
                        fourChoices(row),
                        row.wholeNumber("answer"),
                        "answer"));
    }

    private static Task mmlu(
            String name, String subject, String introduction, List<Metric> metrics, Function<DataRow, Item> reader) {
        String folder = "mmlu/" + subject;
        return new Task(
                name,
                new TaskSource.Split(folder, "test"),
                new FewShotSource(new TaskSource.Split(folder, "dev"), FewShotSelection.FIRST),
                introduction + subject.replace('_', ' ') + ".\n\n",
                metrics,
                reader);
    }

    private static List<String> fourChoices(DataRow row) {
        List<String> choices = row.texts("choices");
        if (choices.size() != LETTERS.size()) {
            throw InputException.of(row.name(), "column 'choices'", "a list of 4 texts", choices.size() + " of them");
        }
        return choices;
    }

    /// Choosing the grammatical one of two English sentences: columns `sentence_good`, `sentence_bad`.
    static Task blimp(String set) {
        return minimalPairs("blimp_" + set, new TaskSource.Split("blimp", set), Item.DELIMITER);
    }

    /// Japanese common-sense questions, with the choices inside an instruction: columns `question`, `choice0` to
    /// `choice4`, `label`. The prompt equals that of the harness's `ja_leaderboard_jcommonsenseqa`.
    static Task jCommonsenseQa() {
        return new Task(
                "ja_leaderboard_jcommonsenseqa",
                new TaskSource.Split("jglue", "jcommonsenseqa-validation"),
                new FewShotSource(
                        new TaskSource.Split("jglue", "jcommonsenseqa-train"), FewShotSelection.DRAWN_WITH_SPARE),
                "以下は、タスクを説明する指示と、文脈のある入力の組み合わせです。要求を適切に満たす応答を書きなさい。\n\n",
                ACCURACY,
                row -> {
                    List<String> choices = IntStream.range(0, JAPANESE_CHOICES)
                            .mapToObj(i -> row.text("choice" + i))
                            .toList();
                    String context = "### 指示：\n出力は以下から選択してください：\n"
                            + choices.stream()
                                    .map(choice -> "- " + choice + "\n")
                                    .collect(Collectors.joining())
                            + "\n### 入力：\n" + row.text("question") + "\n\n### 応答：";
                    return choices(row, context, choices, row.wholeNumber("label"), "label", "\n");
                });
    }

    /// Choosing the grammatical one of two Japanese sentences: columns `sentence_good`, `sentence_bad`. The
    /// harness has no such task. Japanese has no spaces, so no space precedes a sentence.
    static Task jBlimp() {
        return minimalPairs("jblimp", new TaskSource.Split("jblimp", "validated"), "");
    }

    private static Task minimalPairs(String name, TaskSource source, String delimiter) {
        return over(name, source, FewShotSelection.NONE, ACCURACY, row -> {
            List<String> sentences = List.of(row.text("sentence_good"), row.text("sentence_bad"));
            return choices(row, "", sentences, 0, "", delimiter);
        });
    }

    /// Questions of the user's own: columns `context`, `choices`, `answer` (from 0). A space joins the context and
    /// a choice, unless the choices begin with whitespace of their own.
    static Task multipleChoice(String name, TaskSource source) {
        return over(name, source, FewShotSelection.DRAWN_WITH_SPARE, ACCURACIES, row -> {
            List<String> choices = row.texts("choices");
            return choices(
                    row, row.text("context"), choices, row.wholeNumber("answer"), "answer", delimiter(row, choices));
        });
    }

    private static String delimiter(DataRow row, List<String> choices) {
        long spaced = choices.stream().filter(Benchmarks::beginsWithSpace).count();
        InputException.require(
                spaced <= 0 || spaced >= choices.size(),
                row.name(),
                "the choices",
                "either all with a space at the beginning, or none of them (then a space is put before each)",
                choices);
        return spaced > 0 ? "" : Item.DELIMITER;
    }

    private static boolean beginsWithSpace(String text) {
        return !text.isEmpty() && Character.isWhitespace(text.charAt(0));
    }

    /// The user's own texts to be completed: columns `context`, `target`. A space joins the two, unless the target
    /// begins with whitespace of its own.
    static Task cloze(String name, TaskSource source) {
        return over(name, source, FewShotSelection.DRAWN_WITH_SPARE, CLOZE_METRICS, row -> {
            String target = row.text("target");
            return new Item.Cloze(row.text("context"), beginsWithSpace(target) ? target : Item.DELIMITER + target);
        });
    }

    /// A task whose few-shot examples come from the documents that it scores.
    private static Task over(
            String name,
            TaskSource source,
            FewShotSelection shots,
            List<Metric> metrics,
            Function<DataRow, Item> reader) {
        return new Task(name, source, new FewShotSource(source, shots), "", metrics, reader);
    }

    private static Task withoutTest(String name, List<Metric> metrics, Function<DataRow, Item> reader) {
        return hosted(name, "validation", FewShotSelection.DRAWN_WITH_SPARE, metrics, reader);
    }

    private static Task withTest(String name, Function<DataRow, Item> reader) {
        return hosted(name, "test", FewShotSelection.DRAWN, ACCURACIES, reader);
    }

    private static Task hosted(
            String name, String split, FewShotSelection choice, List<Metric> metrics, Function<DataRow, Item> reader) {
        TaskSource train = new TaskSource.Split(name, "train");
        return new Task(name, new TaskSource.Split(name, split), new FewShotSource(train, choice), "", metrics, reader);
    }

    private static String question(String text) {
        return "Question: " + text + "\nAnswer:";
    }

    private static Item choices(DataRow row, String context, List<String> choices, long gold, String goldColumn) {
        return choices(row, context, choices, gold, goldColumn, Item.DELIMITER);
    }

    private static Item choices(
            DataRow row, String context, List<String> choices, long gold, String goldColumn, String delimiter) {
        if (choices.size() < 2 || choices.stream().anyMatch(String::isEmpty)) {
            throw InputException.of(row.name(), "the choices", "at least 2, none of them empty", choices);
        }
        requireIndex(row, goldColumn, 0, gold, choices.size() - 1);
        return new Item.Choices(context, choices, (int) gold, delimiter);
    }

    private static void requireIndex(DataRow row, String column, int least, long got, int most) {
        InputException.requireBetween(row.name() + ": column '" + column + "'", got, least, most);
    }
}
