package dev.saiki.eval.tasks;

import dev.saiki.eval.tasks.EvaluationReport.GroupResult;
import dev.saiki.model.ScoredContinuation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The results in the layout of lm-evaluation-harness's results files, so that tools for those files can read
/// them. Fields that the harness does not have are under the key `saiki`.
public final class ResultsJson {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final String FILTER = ",none";
    private static final String NOT_AVAILABLE = "N/A";

    private ResultsJson() {}

    /// The description of a run of `saiki eval`, for the results file.
    ///
    /// @param model path of the model's checkpoint
    /// @param totalParameters number of the model's parameters
    /// @param engine name of the backend
    /// @param routing the routing rule
    /// @param effort effort setting; NaN for the model's default
    /// @param maxDepth depth bound, if there is one
    /// @param batchSize number of texts per batch
    /// @param options the settings of the evaluation
    /// @param start start of the run
    /// @param taken duration of the run
    public record EvaluationRun(
            String model,
            long totalParameters,
            String engine,
            String routing,
            double effort,
            OptionalInt maxDepth,
            int batchSize,
            EvaluationOptions options,
            Instant start,
            Duration taken) {}

    /// Writes results as one object.
    ///
    /// @param run description of the run
    /// @param suites the requested tasks and groups
    /// @param reports the results, one report per depth setting
    /// @return the object
    public static ObjectNode of(EvaluationRun run, List<Suite> suites, List<EvaluationReport> reports) {
        ObjectNode root = MAPPER.createObjectNode();
        ObjectNode results = root.putObject("results");
        ObjectNode groups = root.putObject("groups");
        ObjectNode subtasks = root.putObject("group_subtasks");
        ObjectNode configs = root.putObject("configs");
        ObjectNode spent = MAPPER.createObjectNode();
        for (EvaluationReport report : reports) {
            suites.forEach(suite -> addConfig(configs, suite, report));
            for (GroupResult group : report.groups()) {
                ObjectNode numbers = numbers(group.result(), group.group().alias());
                results.set(group.result().name(), numbers);
                groups.set(group.result().name(), numbers.deepCopy());
                addSections(root, group.result());
                spent.set(group.result().name(), spent(group.result()));
            }
            for (TaskResult task : report.tasks()) {
                results.set(task.name(), numbers(task, task.name()));
                addSections(root, task);
                spent.set(task.name(), spent(task));
            }
            new TreeMap<>(report.members()).forEach((name, members) -> {
                ArrayNode list = subtasks.putArray(name);
                members.forEach(list::add);
            });
        }
        if (groups.isEmpty()) {
            root.remove("groups");
        }
        root.set("config", config(run));
        root.put("date", (double) run.start().getEpochSecond());
        root.put("model_source", "saiki");
        root.put("model_name", run.model());
        root.put("total_evaluation_time_seconds", String.valueOf(run.taken().toMillis() / 1000.0));
        root.set("saiki", saiki(run, spent));
        return root;
    }

    /// Adds a task to the sections that have one entry per task.
    private static void addSections(ObjectNode root, TaskResult task) {
        root.withObjectProperty("versions").put(task.name(), task.version());
        root.withObjectProperty("n-shot").put(task.name(), task.shots());
        ObjectNode direction = root.withObjectProperty("higher_is_better").putObject(task.name());
        task.measured()
                .forEach(one -> direction.put(one.metric().key(), one.metric().higherIsBetter()));
        root.withObjectProperty("n-samples")
                .putObject(task.name())
                .put("original", task.documents())
                .put("effective", task.evaluated());
    }

    private static ObjectNode numbers(TaskResult task, String alias) {
        ObjectNode numbers = MAPPER.createObjectNode();
        numbers.put("alias", alias);
        for (MetricValue one : task.measured()) {
            put(numbers, one.metric().key() + FILTER, one.value());
            put(numbers, one.metric().key() + "_stderr" + FILTER, one.standardError());
        }
        return numbers;
    }

    private static void put(ObjectNode object, String key, double value) {
        if (Double.isFinite(value)) {
            object.put(key, value);
        } else {
            object.put(key, NOT_AVAILABLE);
        }
    }

    /// Adds the entries in which the harness's tools look up results by name.
    private static void addConfig(ObjectNode configs, Suite suite, EvaluationReport report) {
        switch (suite) {
            case TaskGroup group -> group.members().forEach(member -> addConfig(configs, member, report));
            case PerplexityTask text -> {
                TaskResult result = report.task(text.name());
                ObjectNode config = putConfig(configs, result, "loglikelihood_rolling")
                        .put("dataset_path", text.corpus().name());
                putMetrics(
                        config,
                        result.measured().stream().map(MetricValue::metric).toList());
            }
            case Task task -> {
                boolean ending = task.metrics().contains(Metric.PERPLEXITY);
                ObjectNode config = putConfig(
                                configs, report.task(task.name()), ending ? "loglikelihood" : "multiple_choice")
                        .put("description", task.description())
                        .put("target_delimiter", Item.DELIMITER)
                        .put("fewshot_delimiter", Item.BETWEEN_SHOTS);
                switch (task.source()) {
                    case TaskSource.Split split ->
                        config.put("dataset_path", split.folder())
                                .put(split.split().equals("test") ? "test_split" : "validation_split", split.split());
                    case TaskSource.OneFile one ->
                        config.put("dataset_path", one.file().toString());
                }
                putMetrics(config, task.metrics());
            }
        }
    }

    private static ObjectNode putConfig(ObjectNode configs, TaskResult result, String kind) {
        ObjectNode config = configs.putObject(result.name())
                .put("task", result.name())
                .put("output_type", kind)
                .put("num_fewshot", result.shots());
        config.putObject("metadata").put("version", result.version());
        return config;
    }

    private static void putMetrics(ObjectNode config, List<Metric> metrics) {
        ArrayNode list = config.putArray("metric_list");
        for (Metric metric : metrics) {
            ObjectNode node = list.addObject().put("metric", metric.key());
            metric.aggregation().ifPresent(name -> node.put("aggregation", name));
            node.put("higher_is_better", metric.higherIsBetter());
        }
    }

    private static ObjectNode config(EvaluationRun run) {
        ObjectNode config = MAPPER.createObjectNode();
        config.put("model", "saiki");
        config.put("model_args", "model=" + run.model() + ",engine=" + run.engine() + ",routing=" + run.routing());
        config.put("model_num_parameters", run.totalParameters());
        config.put("model_dtype", "float32");
        config.put("batch_size", run.batchSize());
        run.options()
                .limit()
                .ifPresentOrElse(limit -> config.put("limit", (double) limit), () -> config.putNull("limit"));
        config.put("bootstrap_iters", MetricAggregation.BOOTSTRAP_DRAWS);
        config.put("fewshot_seed", run.options().seed());
        return config;
    }

    private static ObjectNode saiki(EvaluationRun run, ObjectNode spent) {
        ObjectNode saiki = MAPPER.createObjectNode();
        saiki.put("engine", run.engine());
        saiki.put("routing", run.routing());
        if (Double.isNaN(run.effort())) {
            saiki.putNull("effort");
        } else {
            saiki.put("effort", run.effort());
        }
        run.maxDepth().ifPresentOrElse(depth -> saiki.put("max_depth", depth), () -> saiki.putNull("max_depth"));
        saiki.set("spent", spent);
        return saiki;
    }

    private static ObjectNode spent(TaskResult task) {
        EvaluationCost spent = task.spent();
        ObjectNode node = MAPPER.createObjectNode();
        node.put("mean_depth", spent.meanDepth());
        node.put("mean_depth_of_scored", spent.meanDepthForScored());
        node.put("flops_per_token", spent.flopsPerToken());
        node.put("flops_per_scored_token", spent.flopsPerScoredToken());
        node.put("cache_bytes_per_token", spent.cacheBytesPerToken());
        node.put("tokens_read", spent.tokensRead());
        node.put("tokens_scored", spent.tokensScored());
        node.put("truncated_prompts", task.truncated());
        if (!Double.isNaN(task.chance())) {
            node.put("chance", task.chance());
        }
        return node;
    }

    /// Writes the prompts and answers of one document as a line of the harness's sample files, in which lists
    /// are objects with numbered keys, and answers are text in Python's format.
    ///
    /// @param sample the document
    /// @param depth suffix of the task's name if tasks were run at several depths, otherwise empty
    /// @return an object for one line
    public static ObjectNode of(LoggedSample sample, String depth) {
        ObjectNode line = MAPPER.createObjectNode();
        line.put("task", sample.task() + depth);
        line.put("doc_id", sample.number());
        line.set("doc", MAPPER.valueToTree(sample.row().values()));
        line.put(
                "target",
                switch (sample.item()) {
                    case Item.Choices item -> String.valueOf(item.gold());
                    case Item.Contexts item -> String.valueOf(item.gold());
                    case Item.Cloze item -> item.ending();
                });
        ObjectNode arguments = line.putObject("arguments");
        for (ContinuationPrompt prompt : sample.prompts()) {
            arguments
                    .putObject("gen_args_" + arguments.size())
                    .put("arg_0", prompt.context())
                    .put("arg_1", prompt.continuation());
        }
        ArrayNode responses = line.putArray("resps");
        ArrayNode filtered = line.putArray("filtered_resps");
        for (ScoredContinuation answer : sample.answers()) {
            String likelihood = String.valueOf(answer.logLikelihood());
            String greedy = answer.isGreedy() ? "True" : "False";
            responses.addArray().addArray().add(likelihood).add(greedy);
            filtered.addArray().add(likelihood).add(greedy);
        }
        line.put("filter", "none");
        ArrayNode metrics = line.putArray("metrics");
        new TreeMap<>(sample.measured()).forEach((metric, value) -> {
            metrics.add(metric.key());
            line.put(metric.key(), value);
        });
        ArrayNode scored = line.putObject("saiki").putArray("scored");
        sample.answers().forEach(answer -> {
            ObjectNode tokens = scored.addObject();
            ArrayNode logprobs = tokens.putArray("logprobs");
            ArrayNode depths = tokens.putArray("depths");
            for (int i = 0; i < answer.logprobs().length; i++) {
                logprobs.add(answer.logprobs()[i]);
                depths.add(answer.depths()[answer.depths().length - answer.logprobs().length + i]);
            }
        });
        return line;
    }
}
