package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvalCommandTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);
    private static Path data = Path.of("");

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
        data = folder.resolve("benchmarks");
        Workbench.write(data.resolve("piqa/validation.jsonl"), """
                        {"goal": "To sail", "sol1": "take the ship to the sea", "sol2": "go", "label": 0}
                        {"goal": "To eat", "sol1": "pride", "sol2": "the whale and the captain", "label": 1}
                        """);
        Workbench.write(data.resolve("own.jsonl"), """
                        {"context": "The whale", "choices": ["of the sea", "of pride", "union"], "answer": 0}
                        {"context": "The captain", "choices": ["of the ship", "state", "union"], "answer": 0}
                        """);
    }

    private static CommandRun run(Object... more) {
        Object[] start = {"eval", "--model", bench.model()};
        return CommandRun.of(
                Stream.concat(Arrays.stream(start), Arrays.stream(more)).toArray());
    }

    private static JsonNode eval(Object... more) {
        Object[] start = {"--json", "--data", data};
        return run(Stream.concat(Arrays.stream(start), Arrays.stream(more)).toArray())
                .succeeds()
                .json();
    }

    @Test
    void tasksTextsAndOwnQuestionsRunTogether() {
        JsonNode results = eval(
                "--tasks",
                "piqa",
                "--multiple-choice",
                data.resolve("own.jsonl"),
                "--text",
                bench.corpus(),
                "--limit",
                2);
        assertThat(results.get("results").propertyNames()).containsExactlyInAnyOrder("piqa", "own", "text");
        assertThat(results.get("results").get("text").propertyNames())
                .contains("word_perplexity,none", "bits_per_byte,none", "nll_stderr,none");
        assertThat(results.get("saiki").get("routing").stringValue()).isEqualTo("causal");
        assertThat(results.get("saiki")
                        .get("spent")
                        .get("piqa")
                        .get("mean_depth")
                        .doubleValue())
                .isBetween(1.0, 3.0);
        assertThat(results.get("n-samples").get("text").get("effective").intValue())
                .isEqualTo(2);
    }

    @Test
    void bothEnginesAndEveryBatchGiveTheSameNumbers() {
        JsonNode torch = eval("--text", bench.corpus(), "--limit", 1, "--batch-size", 1);
        JsonNode many = eval("--text", bench.corpus(), "--limit", 1, "--batch-size", 64);
        JsonNode cpu = eval("--text", bench.corpus(), "--limit", 1, "--engine", "cpu");
        double expected = nll(torch);
        assertThat(nll(many)).isCloseTo(expected, within(1e-6));
        assertThat(nll(cpu)).isCloseTo(expected, within(1e-3));
        assertThat(cpu.get("saiki").get("engine").stringValue()).isEqualTo("cpu");
    }

    /// Questions of four tasks, of all kinds of items, in words that the tokenizer knows.
    private static Path manyQuestions() {
        List<String> words =
                List.of("sea", "whale", "captain", "the ship", "pride and union", "state", "of the", "ship");
        Random random = new Random(20261125);
        Supplier<String> words3 = () -> IntStream.range(0, 3)
                .mapToObj(_ -> words.get(random.nextInt(words.size())))
                .collect(Collectors.joining(" "));
        Path questions = folder.resolve("many");
        Map<String, IntFunction<String>> files = new TreeMap<>(Map.of(
                "piqa/validation.jsonl",
                i -> """
                    {"goal": "%s", "sol1": "%s", "sol2": "%s", "label": %d}""".formatted(words3.get(), words3.get(), words3.get(), i % 2),
                "arc_easy/test.jsonl",
                i -> """
                    {"question": "%s", "choices": {"text": ["%s", "%s", "é"], "label": ["A", "B", "C"]}, \
                    "answerKey": "%s"}""".formatted(words3.get(), words3.get(), words3.get(), "ABC".charAt(i % 3)),
                "winogrande/validation.jsonl",
                i -> """
                    {"sentence": "%s _ %s", "option1": "%s", "option2": "%s", "answer": "%d"}""".formatted(words3.get(), words3.get(), words3.get(), words3.get(), 1 + i % 2),
                "lambada_openai/test.jsonl",
                i -> """
                    {"text": "%s %s"}""".formatted(words3.get(), words3.get())));
        files.forEach((file, line) -> Workbench.write(
                questions.resolve(file), IntStream.range(0, 10).mapToObj(line).collect(Collectors.joining("\n"))));
        return questions;
    }

    /// The results of a run by task, and its samples by document.
    private record Judged(JsonNode results, List<JsonNode> samples) {}

    private static Judged judged(Path questions, Object... more) throws IOException {
        Path samples = folder.resolve("samples.jsonl");
        Object[] start = {
            "--tasks",
            "piqa,arc_easy,winogrande,lambada_openai",
            "--data",
            questions,
            "--log-samples",
            samples,
            "--json"
        };
        JsonNode results = run(Stream.concat(Arrays.stream(start), Arrays.stream(more))
                        .toArray())
                .succeeds()
                .json();
        return new Judged(
                results.get("results"),
                Files.readAllLines(samples).stream().map(MAPPER::readTree).toList());
    }

    @Test
    void scoresOfTasksAreThoseOfBothEnginesAndOfEveryBatch() throws IOException {
        Path questions = manyQuestions();
        Judged alone = judged(questions, "--batch-size", 1);
        assertThat(alone.samples()).hasSize(40);
        assertSame(alone, judged(questions, "--batch-size", 64), 1e-4);
        assertSame(alone, judged(questions, "--engine", "cpu", "--batch-size", 1), 1e-3);
        assertSame(alone, judged(questions, "--engine", "cpu", "--batch-size", 64), 1e-3);
    }

    /// Fails unless accuracies, depths and decisions are equal, and likelihoods agree within the tolerance.
    private static void assertSame(Judged expected, Judged other, double tolerance) {
        for (Map.Entry<String, JsonNode> task : expected.results().properties()) {
            JsonNode numbers = other.results().get(task.getKey());
            assertThat(numbers.propertyNames())
                    .containsExactlyElementsOf(task.getValue().propertyNames());
            for (Map.Entry<String, JsonNode> number : task.getValue().properties()) {
                String name = task.getKey() + " " + number.getKey();
                if (number.getKey().startsWith("perplexity")) {
                    assertThat(numbers.get(number.getKey()).doubleValue())
                            .as(name)
                            .isCloseTo(number.getValue().doubleValue(), withinPercentage(100 * tolerance));
                } else {
                    assertThat(numbers.get(number.getKey())).as(name).isEqualTo(number.getValue());
                }
            }
        }
        assertThat(other.samples()).hasSameSizeAs(expected.samples());
        for (int i = 0; i < expected.samples().size(); i++) {
            JsonNode mine = expected.samples().get(i);
            JsonNode theirs = other.samples().get(i);
            assertThat(theirs.get("arguments")).isEqualTo(mine.get("arguments"));
            for (int answer = 0; answer < mine.get("filtered_resps").size(); answer++) {
                JsonNode logprobs = mine.at("/saiki/scored/" + answer + "/logprobs");
                JsonNode others = theirs.at("/saiki/scored/" + answer + "/logprobs");
                assertThat(theirs.at("/saiki/scored/" + answer + "/depths"))
                        .isEqualTo(mine.at("/saiki/scored/" + answer + "/depths"));
                assertThat(others).hasSameSizeAs(logprobs);
                for (int token = 0; token < logprobs.size(); token++) {
                    assertThat(others.get(token).doubleValue())
                            .isCloseTo(logprobs.get(token).doubleValue(), within(tolerance));
                }
            }
        }
    }

    private static double nll(JsonNode results) {
        return results.get("results").get("text").get("nll,none").doubleValue();
    }

    @Test
    void depthsGiveOneRowEach() {
        JsonNode results = eval("--tasks", "piqa", "--depths", "1,2,3");
        assertThat(results.get("results").propertyNames())
                .containsExactly("piqa@depth=1", "piqa@depth=2", "piqa@depth=3");
        JsonNode spent = results.get("saiki").get("spent");
        double one = spent.get("piqa@depth=1").get("flops_per_token").doubleValue();
        assertThat(spent.get("piqa@depth=1").get("mean_depth").doubleValue()).isEqualTo(1);
        assertThat(spent.get("piqa@depth=2").get("flops_per_token").doubleValue())
                .isGreaterThan(one);
        assertThat(eval("--tasks", "piqa", "--max-depth", 1)
                        .get("saiki")
                        .get("spent")
                        .get("piqa")
                        .get("flops_per_token")
                        .doubleValue())
                .isEqualTo(one);
    }

    @Test
    void theTableSaysWhatPeopleAsk() {
        CommandRun run =
                run("--tasks", "piqa", "--data", data, "--num-fewshot", 0).succeeds();
        assertThat(run.out())
                .contains("piqa", "acc_norm", "± SE", "chance", "0.5000", "FLOPs", "routing causal, engine torch");
        assertThat(run.err()).contains("piqa: 2 documents in");
        CommandRun topK =
                run("--tasks", "piqa", "--data", data, "--routing", "top_k").succeeds();
        assertThat(topK.out()).contains("routing top_k");
        assertThat(topK.err()).contains("not causal");
    }

    @Test
    void resultsAndSamplesAreWritten() throws IOException {
        Path out = folder.resolve("out/results.json");
        Path samples = folder.resolve("out/samples.jsonl");
        JsonNode printed = eval("--tasks", "piqa", "--out", out, "--log-samples", samples);
        JsonNode written = MAPPER.readTree(Files.readString(out));
        assertThat(written).isEqualTo(printed);
        assertThat(Files.readAllLines(samples))
                .hasSize(2)
                .allSatisfy(line -> assertThat(MAPPER.readTree(line).get("task").stringValue())
                        .isEqualTo("piqa"));
    }

    @Test
    void allTasksAreReadBeforeTheFirstIsScored() {
        Path questions = folder.resolve("long.jsonl");
        Workbench.write(questions, """
                {"context": "The whale", "choices": ["of the sea", "%s"], "answer": 0}
                """.formatted("of the sea ".repeat(60).strip()));
        // The refusal is the only line, so the first task, piqa, has not run.
        run("--tasks", "piqa", "--data", data, "--multiple-choice", questions)
                .isRefused("long.jsonl:1: a continuation must have at most 64 tokens");
    }

    @Test
    void whatIsWrongIsSaidInOneLine() {
        run("--tasks", "helaswag").isRefused("no task 'helaswag'; did you mean hellaswag?");
        run().isRefused("at least one of --tasks, --multiple-choice, --cloze and --text must be given");
        run("--tasks", "piqa").isRefused("--data must name the folder that holds piqa/validation.jsonl");
        run("--tasks", "hellaswag", "--data", data).isRefused("hellaswag: no file validation");
        run("--tasks", "piqa,piqa", "--data", data).isRefused("two tasks have the name 'piqa'");
        run("--cloze", data.resolve("own.jsonl")).isRefused("own.jsonl:1: no column 'target'");
        run("--cloze", data.resolve("none.jsonl")).isRefused("none.jsonl: no such file");
        run("--text", folder.resolve("nothing")).isRefused("nothing: no such file or folder");
        run("--tasks", "piqa", "--stride", 4).isRefused("--stride needs --text, got none");
        run("--text", bench.corpus(), "--stride", 65).isRefused("--stride must be from 1 to 64");
        run("--tasks", "piqa", "--batch-size", 0).isRefused("--batch-size must be from 1 to 1024, got 0");
        run("--tasks", "piqa", "--limit", 0).isRefused("--limit must be at least 1, got 0");
        run("--tasks", "piqa", "--depths", "1,1").isRefused("--depths must be different numbers");
        run("--tasks", "piqa", "--depths", "1", "--max-depth", 2).isRefused("cannot be used together");
        run("--tasks", "piqa", "--data", data, "--depths", "1,4")
                .isRefused("--depths must be from 1 to 3, the model's number of recursions, got 4");
        run("--tasks", "piqa", "--data", data, "--max-depth", 4)
                .isRefused("--max-depth must be from 1 to 3, the model's number of recursions, got 4");
        run("--tasks", "piqa", "--effort", 0.5).isRefused("--effort is for models with expert_threshold");
        run("--tasks", "piqa", "--effort", 0.5, "--engine", "cpu", "--data", data)
                .isRefused("effort is for models with expert_threshold");
        run("--tasks", "piqa", "--engine", "cpu", "--routing", "top_k").isRefused("needs --engine torch");
        run("--tasks", "piqa", "--data", data, "--num-fewshot", 1).isRefused("piqa: no file train");
        run("--tasks", "piqa", "--out", folder).isRefused("--out must be a file, got a folder");
    }
}
