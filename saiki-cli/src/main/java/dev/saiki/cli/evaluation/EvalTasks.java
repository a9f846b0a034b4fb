package dev.saiki.cli.evaluation;

import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.eval.tasks.EvaluationOptions;
import dev.saiki.eval.tasks.PerplexityTask;
import dev.saiki.eval.tasks.Suite;
import dev.saiki.eval.tasks.TaskRegistry;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options for the evaluation tasks.
final class EvalTasks {

    @Option(names = "--tasks", paramLabel = "NAME", split = ",")
    private List<String> names = new ArrayList<>();

    @Option(names = "--data", paramLabel = "DIR")
    private @Nullable Path data;

    @Option(names = "--multiple-choice", paramLabel = "FILE", arity = "1..*")
    private List<Path> multipleChoice = new ArrayList<>();

    @Option(names = "--cloze", paramLabel = "FILE", arity = "1..*")
    private List<Path> cloze = new ArrayList<>();

    @Option(names = "--text", paramLabel = "PATH", arity = "1..*")
    private List<Path> texts = new ArrayList<>();

    @Mixin
    private TextFieldOption field = new TextFieldOption();

    @Option(names = "--stride", paramLabel = "N")
    private @Nullable Integer stride;

    @Option(names = "--num-fewshot", paramLabel = "K")
    private int shots = 0;

    @Option(names = "--limit", paramLabel = "N")
    private @Nullable Integer limit;

    @Option(names = "--seed", paramLabel = "N")
    private long seed = EvaluationOptions.USUAL_SEED;

    /// The requested suites.
    List<Suite> suites() {
        List<Suite> suites = new ArrayList<>();
        names.forEach(name -> suites.add(TaskRegistry.named(name)));
        multipleChoice.forEach(file -> suites.add(TaskRegistry.multipleChoice(file)));
        cloze.forEach(file -> suites.add(TaskRegistry.cloze(file)));
        OptionalInt asked = stride == null ? OptionalInt.empty() : OptionalInt.of(stride);
        if (!texts.isEmpty()) {
            suites.add(new PerplexityTask("text", field.corpus(texts), asked));
        } else if (stride != null) {
            throw new InputException("--stride needs --text, got none; add --text FILE, or omit --stride");
        }
        if (suites.isEmpty()) {
            throw new InputException("at least one of --tasks, --multiple-choice, --cloze and --text must be given");
        }
        return TaskRegistry.requireDistinct(suites);
    }

    EvaluationOptions options() {
        return new EvaluationOptions(
                Optional.ofNullable(data), shots, limit == null ? OptionalInt.empty() : OptionalInt.of(limit), seed);
    }
}
