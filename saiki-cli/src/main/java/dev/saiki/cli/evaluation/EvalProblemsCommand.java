package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.model.ScoringOptions;
import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.problem.ProblemEvaluator;
import dev.saiki.eval.problem.ProblemResult;
import dev.saiki.eval.problem.ProblemSetting;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.report.HtmlReport;
import dev.saiki.report.Report;
import dev.saiki.report.TerminalSummary;
import dev.saiki.report.findings.ProblemReport;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki eval problems`: accuracy by difficulty at several compute settings.
@Command(name = "problems")
public final class EvalProblemsCommand extends ResultCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--problems", paramLabel = "PATH", required = true)
    private List<Path> problems = new ArrayList<>();

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    @Option(names = "--depths", paramLabel = "N", split = ",")
    private List<Integer> depths = new ArrayList<>();

    @Option(names = "--efforts", paramLabel = "E", split = ",")
    private List<Double> efforts = new ArrayList<>();

    @Option(names = "--page", paramLabel = "FILE")
    private @Nullable Path page;

    @Override
    protected void run() throws IOException {
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            efforts.forEach(loaded::requireEffort);
            ModelConfig config = loaded.config();
            depths.forEach(depth -> {
                InputException.requireAtLeast("--depths", depth, 1);
                ScoringOptions.requireDepth("--depths", depth, config);
            });
            List<Document> documents;
            try (Stream<Document> all = field.corpus(problems).documents()) {
                documents = all.toList();
            }
            List<ProblemResult> results = new ProblemEvaluator(
                            loaded.scorer()::trace, loaded.tokenizer(), config.maxPositionEmbeddings())
                    .evaluate(documents, settings(config));
            Report report = new ProblemReport(model.toString(), results).report();
            if (page != null) {
                AtomicFiles.writeString(page, HtmlReport.write(report));
            }
            publish(RecordJson.MAPPER.writeValueAsString(results), () -> {
                console.out().print(TerminalSummary.write(report.sections()));
                println(report.answer());
            });
        }
    }

    private List<ProblemSetting> settings(ModelConfig config) {
        List<ProblemSetting> settings = new ArrayList<>(List.of(ProblemSetting.DEFAULT));
        boolean hasEfforts = config.routing() instanceof Routing.ExpertThreshold;
        if (config.routing() instanceof Routing.ExpertThreshold threshold) {
            (efforts.isEmpty() ? threshold.effortGrid() : efforts)
                    .forEach(effort -> settings.add(ProblemSetting.effort(effort)));
        }
        int recursions = config.numRecursions();
        if (recursions > 1) {
            (depths.isEmpty() ? IntStream.rangeClosed(1, recursions).boxed().toList() : depths)
                    .forEach(depth -> settings.add(ProblemSetting.depth(depth, hasEfforts)));
        }
        return settings;
    }
}
