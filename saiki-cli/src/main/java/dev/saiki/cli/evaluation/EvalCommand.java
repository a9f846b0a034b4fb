package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.cli.model.AdapterOption;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.model.ScoringOptions;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.tasks.EvaluatedModel;
import dev.saiki.eval.tasks.Evaluation;
import dev.saiki.eval.tasks.EvaluationOptions;
import dev.saiki.eval.tasks.EvaluationReport;
import dev.saiki.eval.tasks.PerplexityTask;
import dev.saiki.eval.tasks.ResultsJson;
import dev.saiki.eval.tasks.Suite;
import dev.saiki.eval.tasks.Task;
import dev.saiki.eval.tasks.TaskGroup;
import dev.saiki.eval.tasks.TaskResult;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki eval`: runs benchmarks and measures perplexity.
@Command(name = "eval")
public final class EvalCommand extends ResultCommand {

    private static final int MAX_BATCH = 1024;

    private final List<ObjectNode> samples = new ArrayList<>();

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Mixin
    private EvalTasks tasks = new EvalTasks();

    @Mixin
    private ScoringOptions scoring = new ScoringOptions();

    @Option(names = "--depths", paramLabel = "N", split = ",")
    private List<Integer> depths = new ArrayList<>();

    @Option(names = "--batch-size", paramLabel = "N")
    private int batchSize = 64;

    @Option(names = "--log-samples", paramLabel = "FILE")
    private @Nullable Path samplesFile;

    @Override
    protected void run() throws IOException {
        requireOptions();
        List<Suite> suites = tasks.suites();
        EvaluationOptions options = tasks.options();
        Instant start = Instant.now();
        CheckpointDirectory checkpoint = adapter.open(model);
        ModelConfig config = checkpoint.config();
        Tokenizer tokenizer = LoadedModel.tokenizerOf(checkpoint);
        LoadedModel.requireEffort(scoring.effort(), config);
        scoring.requireDepth(config);
        depths.forEach(depth -> ScoringOptions.requireDepth("--depths", depth, config));
        scoring.warn(config, console);
        try (ScoringModel scorer = ScoringModel.open(checkpoint, scoring.engine(), WeightFormat.FLOAT32, batchSize)) {
            List<EvaluationReport> reports = new ArrayList<>();
            for (int depth : depths.isEmpty() ? List.of(scoring.maxDepth()) : depths) {
                EvaluatedModel evaluated =
                        new EvaluatedModel(config, tokenizer, scorer.at(scoring.forTorch(depth)), depth);
                reports.add(run(
                        evaluated, suites, options, depths.isEmpty() ? OptionalInt.empty() : OptionalInt.of(depth)));
            }
            ObjectNode results = ResultsJson.of(
                    new ResultsJson.EvaluationRun(
                            model.toString(),
                            Accounting.of(config).totalParameters(),
                            scoring.engine().name().toLowerCase(Locale.ROOT),
                            scoring.ruleKey(),
                            scoring.effort(),
                            scoring.maxDepth() == RoutingRequest.UNBOUNDED
                                    ? OptionalInt.empty()
                                    : OptionalInt.of(scoring.maxDepth()),
                            batchSize,
                            options,
                            start,
                            Duration.between(start, Instant.now())),
                    suites,
                    reports);
            report(results, reports);
        }
    }

    private void requireOptions() {
        scoring.require();
        InputException.requireBetween("--batch-size", batchSize, 1, MAX_BATCH);
        if (depths.stream().anyMatch(depth -> depth < 1)
                || depths.stream().distinct().count() < depths.size()) {
            throw new InputException("--depths must be different numbers of at least 1, got " + depths);
        }
        if (!depths.isEmpty() && scoring.maxDepth() != RoutingRequest.UNBOUNDED) {
            throw new InputException("--depths and --max-depth cannot be used together; leave one of them out");
        }
    }

    private EvaluationReport run(
            EvaluatedModel evaluated, List<Suite> suites, EvaluationOptions options, OptionalInt depth) {
        String suffix = EvaluationReport.suffix(depth);
        Evaluation evaluation = new Evaluation(evaluated, options, sample -> {
            if (samplesFile != null) {
                samples.add(ResultsJson.of(sample, suffix));
            }
        });
        suites.forEach(suite -> check(evaluation, suite));
        Map<String, TaskResult> results = new LinkedHashMap<>();
        suites.forEach(suite -> run(evaluation, suite, suffix, results));
        return new EvaluationReport(suites, results, depth);
    }

    private void check(Evaluation evaluation, Suite suite) {
        switch (suite) {
            case Task task -> evaluation.check(task);
            case PerplexityTask _ -> {}
            case TaskGroup group -> group.members().forEach(member -> check(evaluation, member));
        }
    }

    private void run(Evaluation evaluation, Suite suite, String suffix, Map<String, TaskResult> results) {
        switch (suite) {
            case Task task -> results.computeIfAbsent(task.name(), _ -> timed(suffix, () -> evaluation.run(task)));
            case PerplexityTask text ->
                results.computeIfAbsent(text.name(), _ -> timed(suffix, () -> evaluation.run(text)));
            case TaskGroup group -> group.members().forEach(member -> run(evaluation, member, suffix, results));
        }
    }

    private TaskResult timed(String suffix, Supplier<TaskResult> task) {
        long start = System.nanoTime();
        TaskResult result = task.get();
        double seconds = (System.nanoTime() - start) / 1e9;
        console.err()
                .print(NumberFormats.text(
                        "%s%s: %s documents in %.1f s%s%n",
                        result.name(),
                        suffix,
                        NumberFormats.count(result.evaluated()),
                        seconds,
                        result.truncated() == 0
                                ? ""
                                : "; " + NumberFormats.count(result.truncated())
                                        + " prompts lost their start to fit the context"));
        return result;
    }

    private void report(ObjectNode results, List<EvaluationReport> reports) throws IOException {
        if (samplesFile != null) {
            AtomicFiles.write(samplesFile, output -> {
                for (ObjectNode sample : samples) {
                    output.write((JsonOutput.line(sample) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            });
        }
        publish(JsonOutput.document(results), () -> {
            new EvalTable(console.out()).print(reports);
            printf(
                    "%nrouting %s, engine %s, float32%s%n",
                    scoring.ruleKey(),
                    scoring.engine().name().toLowerCase(Locale.ROOT),
                    out == null ? "" : "; results in " + out);
        });
    }
}
