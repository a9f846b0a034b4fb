package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ResultsJsonTest {

    @TempDir
    private Path data;

    private final List<LoggedSample> samples = new ArrayList<>();

    private ObjectNode results(OptionalInt depth) throws IOException {
        Path file = data.resolve("piqa/validation.jsonl");
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, """
            {"goal": "To sail", "sol1": "go", "sol2": "ioio", "label": 0}
            {"goal": "To eat", "sol1": "a", "sol2": "b", "label": 1}
            """);
        EvaluationOptions options =
                new EvaluationOptions(Optional.of(data), 0, OptionalInt.empty(), EvaluationOptions.USUAL_SEED);
        Task piqa = (Task) TaskRegistry.named("piqa");
        Evaluation evaluation = new Evaluation(new StubModel().evaluated(), options, samples::add);
        Map<String, TaskResult> all = new TreeMap<>(Map.of("piqa", evaluation.run(piqa)));
        TaskGroup group = new TaskGroup("physics", "all of physics", List.of(piqa), TaskGroup.Weighting.BY_SIZE, 2);
        EvaluationReport report = new EvaluationReport(List.of(group), all, depth);
        return ResultsJson.of(run(options), List.of(group), List.of(report));
    }

    private static ResultsJson.EvaluationRun run(EvaluationOptions options) {
        return new ResultsJson.EvaluationRun(
                "models/m",
                42,
                "torch",
                "causal",
                Double.NaN,
                OptionalInt.empty(),
                64,
                options,
                Instant.EPOCH,
                Duration.ofMillis(1500));
    }

    /// Reads a results file as the harness's own table does, and nothing else of it: every entry of a section has
    /// keys of the form `metric,filter` with `metric_stderr,filter` beside them, a version and a number of shots.
    private static List<String> table(JsonNode file, String column) {
        List<String> rows = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : file.get(column).properties()) {
            JsonNode numbers = entry.getValue();
            for (Map.Entry<String, JsonNode> number : numbers.properties()) {
                String[] key = number.getKey().split(",", -1);
                if (key.length == 2 && !key[0].endsWith("_stderr")) {
                    JsonNode error = numbers.get(key[0] + "_stderr," + key[1]);
                    rows.add(String.join(
                            "|",
                            numbers.get("alias").stringValue(),
                            file.get("versions").get(entry.getKey()).asString(),
                            key[1],
                            file.get("n-shot").get(entry.getKey()).asString(),
                            key[0],
                            file.get("higher_is_better")
                                            .get(entry.getKey())
                                            .get(key[0])
                                            .booleanValue()
                                    ? "up"
                                    : "down",
                            number.getValue().asString(),
                            error.asString()));
                }
            }
        }
        return rows;
    }

    private static JsonNode reread(ObjectNode results) {
        return JsonMapper.builder().build().readTree(results.toString());
    }

    @Test
    void aReaderOfTheHarnesssLayoutFindsEverything() throws IOException {
        JsonNode file = reread(results(OptionalInt.empty()));
        // acc: the first document right, the second wrong; over characters both wrong.
        assertThat(table(file, "results"))
                .containsExactly(
                        "all of physics|2.0|none|0|acc|up|0.5|0.5",
                        "piqa|1.0|none|0|acc|up|0.5|0.5",
                        "piqa|1.0|none|0|acc_norm|up|0.0|0.0",
                        "piqa|1.0|none|0|acc_bytes|up|0.0|0.0");
        assertThat(table(file, "groups")).containsExactly("all of physics|2.0|none|0|acc|up|0.5|0.5");
        assertThat(file.get("group_subtasks").get("physics").get(0).stringValue())
                .isEqualTo("piqa");
        assertThat(file.get("group_subtasks").get("piqa").isEmpty()).isTrue();
        assertThat(file.get("n-samples").get("piqa").get("effective").intValue())
                .isEqualTo(2);
        assertThat(file.get("configs").get("piqa").get("output_type").stringValue())
                .isEqualTo("multiple_choice");
        assertThat(file.get("config").get("fewshot_seed").intValue()).isEqualTo(1234);
        assertThat(file.get("config").get("limit").isNull()).isTrue();
    }

    /// What the harness and its tools look up in a results file: its tables of results and groups (alias,
    /// versions, n-shot, in older versions higher_is_better), its exports to trackers of experiments (config
    /// and, for all that is no group, configs), and its uploads for visualisation (model_args, output_type,
    /// metric_list).
    @Test
    void everyNameThatToolsOfTheHarnessLookUpIsThere() throws IOException {
        for (OptionalInt depth : List.of(OptionalInt.empty(), OptionalInt.of(3))) {
            JsonNode file = reread(results(depth));
            assertThat(file.propertyNames())
                    .contains(
                            "results",
                            "groups",
                            "group_subtasks",
                            "configs",
                            "versions",
                            "n-shot",
                            "higher_is_better",
                            "n-samples",
                            "config",
                            "date",
                            "model_source",
                            "model_name",
                            "total_evaluation_time_seconds");
            assertThat(file.get("config").propertyNames())
                    .contains("model", "model_args", "batch_size", "limit", "bootstrap_iters", "fewshot_seed");
            assertThat(file.get("groups").propertyNames())
                    .isSubsetOf(file.get("results").propertyNames());
            for (String name : file.get("results").propertyNames()) {
                assertThat(file.get("results").get(name).has("alias")).isTrue();
                for (String section :
                        List.of("versions", "n-shot", "higher_is_better", "n-samples", "group_subtasks")) {
                    assertThat(file.get(section).propertyNames()).as(section).contains(name);
                }
                assertThat(file.get("n-samples").get(name).propertyNames()).containsExactly("original", "effective");
                for (JsonNode member : file.get("group_subtasks").get(name)) {
                    assertThat(file.get("results").has(member.stringValue())).isTrue();
                }
                if (!file.get("groups").has(name)) {
                    assertConfigured(
                            name,
                            file.get("configs").get(name),
                            file.get("results").get(name));
                }
            }
        }
    }

    private static void assertConfigured(String name, JsonNode config, JsonNode numbers) {
        assertThat(config.propertyNames())
                .contains("task", "output_type", "metric_list", "num_fewshot", "dataset_path", "metadata");
        assertThat(config.get("task").stringValue()).isEqualTo(name);
        assertThat(config.get("metadata").has("version")).isTrue();
        for (JsonNode metric : config.get("metric_list")) {
            assertThat(metric.propertyNames()).containsExactly("metric", "aggregation", "higher_is_better");
            assertThat(numbers.has(metric.get("metric").stringValue() + ",none"))
                    .isTrue();
        }
    }

    @Test
    void textsAreConfiguredToo() {
        PerplexityTask text = new PerplexityTask(
                "text", Corpus.ofDocuments("books", List.of(new Document("a", "b c"))), OptionalInt.empty());
        EvaluationOptions options = new EvaluationOptions(Optional.empty(), 0, OptionalInt.empty(), 0);
        TaskResult result = new Evaluation(new StubModel().evaluated(), options, samples::add).run(text);
        EvaluationReport report = new EvaluationReport(List.of(text), Map.of("text", result), OptionalInt.of(1));
        JsonNode config = reread(ResultsJson.of(run(options), List.of(text), List.of(report)))
                .get("configs")
                .get("text@depth=1");
        assertThat(config.get("output_type").stringValue()).isEqualTo("loglikelihood_rolling");
        assertThat(config.get("dataset_path").stringValue()).isEqualTo("books");
        assertThat(config.get("metric_list"))
                .extracting(
                        metric -> metric.get("metric").stringValue(),
                        metric -> metric.path("aggregation").asString(""))
                .contains(
                        tuple("word_perplexity", "weighted_perplexity"),
                        tuple("byte_perplexity", "weighted_perplexity"),
                        tuple("bits_per_byte", "bits_per_byte"),
                        tuple("nll", ""));
    }

    @Test
    void whatTheHarnessDoesNotHaveIsUnderAKeyOfItsOwn() throws IOException {
        JsonNode saiki = reread(results(OptionalInt.of(3))).get("saiki");
        assertThat(saiki.get("routing").stringValue()).isEqualTo("causal");
        assertThat(saiki.get("max_depth").isNull()).isTrue();
        JsonNode spent = saiki.get("spent").get("piqa@depth=3");
        assertThat(spent.propertyNames())
                .containsExactly(
                        "mean_depth",
                        "mean_depth_of_scored",
                        "flops_per_token",
                        "flops_per_scored_token",
                        "cache_bytes_per_token",
                        "tokens_read",
                        "tokens_scored",
                        "truncated_prompts",
                        "chance");
        assertThat(spent.get("flops_per_token").doubleValue()).isPositive();
        assertThat(spent.get("chance").doubleValue()).isEqualTo(0.5);
    }

    @Test
    void oneDocumentsErrorIsNotAvailable() {
        TaskResult one = new TaskResult(
                "own",
                1,
                0,
                1,
                1,
                0,
                0.5,
                List.of(new MetricValue(Metric.ACC, 1, Double.NaN)),
                new EvaluationCost(1, 1, 1, 1, 1, 1));
        Task task = TaskRegistry.cloze(Path.of("own.jsonl"));
        EvaluationReport report = new EvaluationReport(List.of(task), Map.of("own", one), OptionalInt.empty());
        ResultsJson.EvaluationRun run = new ResultsJson.EvaluationRun(
                "m",
                1,
                "cpu",
                "causal",
                0.5,
                OptionalInt.of(2),
                1,
                new EvaluationOptions(Optional.empty(), 0, OptionalInt.of(1), 0),
                Instant.EPOCH,
                Duration.ZERO);
        JsonNode file = reread(ResultsJson.of(run, List.of(task), List.of(report)));
        assertThat(table(file, "results")).containsExactly("own|1.0|none|0|acc|up|1.0|N/A");
        assertThat(file.has("groups")).isFalse();
        assertThat(file.get("saiki").get("effort").doubleValue()).isEqualTo(0.5);
        assertThat(file.get("saiki").get("max_depth").intValue()).isEqualTo(2);
    }

    @Test
    void aSampleHasWhatWasAskedAndAnswered() throws IOException {
        results(OptionalInt.empty());
        JsonNode line = reread(ResultsJson.of(samples.getFirst(), "@depth=3"));
        assertThat(line.get("task").stringValue()).isEqualTo("piqa@depth=3");
        assertThat(line.get("doc_id").intValue()).isZero();
        assertThat(line.get("doc").get("goal").stringValue()).isEqualTo("To sail");
        assertThat(line.get("target").stringValue()).isEqualTo("0");
        assertThat(line.get("filter").stringValue()).isEqualTo("none");
        assertThat(line.get("arguments").toString())
                .isEqualTo("{\"gen_args_0\":{\"arg_0\":\"Question: To sail\\nAnswer:\",\"arg_1\":\" go\"},"
                        + "\"gen_args_1\":{\"arg_0\":\"Question: To sail\\nAnswer:\",\"arg_1\":\" ioio\"}}");
        assertThat(line.get("resps").toString()).isEqualTo("[[[\"-3.5\",\"False\"]],[[\"-4.5\",\"True\"]]]");
        assertThat(line.get("filtered_resps").toString()).isEqualTo("[[\"-3.5\",\"False\"],[\"-4.5\",\"True\"]]");
        assertThat(line.get("metrics").toString()).isEqualTo("[\"acc\",\"acc_norm\",\"acc_bytes\"]");
        assertThat(line.get("acc").doubleValue()).isEqualTo(1);
        JsonNode scored = line.get("saiki").get("scored").get(0);
        assertThat(scored.get("logprobs").size()).isEqualTo(3);
        // Predicted from the places 24, 25 and 26 of the prompt; even ones are deep.
        assertThat(scored.get("depths").toString()).isEqualTo("[2,1,2]");
    }
}
