package dev.saiki.cli.training;

import dev.saiki.cli.model.Recipes;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.eval.RecordJson;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Rendezvous;
import dev.saiki.train.RunDirectory;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.TrainingOutcome;
import dev.saiki.train.parallel.LaunchEnvironment;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki train`: one run of one recipe.
@Command(name = "train")
public final class TrainCommand extends JsonCommand {

    @Option(names = "--recipe", paramLabel = "FILE", required = true)
    private Path recipeFile = Path.of("");

    @Option(names = "--set", paramLabel = "KEY=VALUE", arity = "1..*")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--init-from", paramLabel = "DIR")
    private @Nullable Path base;

    @Option(names = "--resume")
    private boolean resume;

    @Option(names = "--resume-if-any")
    private boolean resumeIfAny;

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Option(names = "--processes", paramLabel = "N")
    private int processes = 1;

    @Option(names = "--restarts", paramLabel = "N")
    private int restarts = 3;

    @Override
    protected void run() throws IOException {
        List<String> all = new ArrayList<>(overrides);
        if (base != null) {
            all.add("initialisation.from=" + base);
        }
        if (processes < 1 || restarts < 0) {
            throw new InputException(
                    "--processes must be at least 1 and --restarts at least 0, got " + processes + " and " + restarts);
        }
        // If there are several processes, only the first prints warnings.
        Recipe recipe = processes > 1 ? Recipe.load(recipeFile, all, _ -> {}) : Recipes.load(recipeFile, all, console);
        Optional<Rendezvous> place = LaunchEnvironment.read(
                console.environment(), Duration.ofSeconds(recipe.parallelism().timeoutSeconds()));
        if (resume && !resumeIfAny && place.isEmpty() && !Files.exists(out)) {
            throw new InputException(out + ": no such run to resume" + Suggestions.forMissing(out)
                    + "; leave out --resume to start a new run there");
        }
        if (processes == 1) {
            train(recipe, place);
            return;
        }
        if (place.isPresent()) {
            throw new InputException(
                    "--processes must be omitted under a launcher, which sets the environment variable WORLD_SIZE");
        }
        RunDirectory folder = new RunDirectory(out);
        exit(new RunSupervisor(console, arguments(), folder, processes, restarts).run(resumes()));
    }

    /// Tells whether this process follows the first process of its run, and so writes nothing.
    ///
    /// @return whether a launcher gave it a rank above 0
    public boolean isFollower() {
        return LaunchEnvironment.isFollower(console.environment());
    }

    private boolean resumes() {
        return resume || resumeIfAny;
    }

    private void train(Recipe recipe, Optional<Rendezvous> place) throws IOException {
        if (place.isPresent()) {
            Trainer.fetchInputs(recipe);
        }
        CompletableFuture<Trainer> begun = new CompletableFuture<>();
        try (ShutdownListener _ = ShutdownListener.listen(() -> requestStop(begun));
                ProcessGroup group = place.map(TrainCommand::join).orElseGet(ProcessGroup::single);
                TrainingDisplay display = new TrainingDisplay(console, InstantSource.system())) {
            Trainer trainer = new Trainer(
                    recipe, out, group.isFirst() ? display : TrainingListener.SILENT, Trainer.Environment.of(group));
            begun.complete(trainer);
            RankProcess.whenSupervisorEnds(console.environment(), trainer::requestStop);
            TrainingOutcome outcome = trainer.run(resumes());
            if (group.isFirst()) {
                print(outcome);
            }
        }
    }

    /// Gloo announces its connections on standard output, which must contain only the result.
    private static ProcessGroup join(Rendezvous place) {
        return NativeOutput.toErrorDuring(() -> ProcessGroup.join(place));
    }

    /// Asks a training to stop, now or as soon as it starts.
    private static void requestStop(CompletableFuture<Trainer> begun) {
        CompletableFuture<Void> _ = begun.thenAccept(Trainer::requestStop);
    }

    /// The command line for each process of a run with several processes.
    private List<String> arguments() {
        List<String> arguments =
                new ArrayList<>(List.of("train", "--recipe", recipeFile.toString(), "--out", out.toString()));
        overrides.forEach(override -> arguments.addAll(List.of("--set", override)));
        if (base != null) {
            arguments.addAll(List.of("--init-from", base.toString()));
        }
        if (json) {
            arguments.add("--json");
        }
        return arguments;
    }

    private void print(TrainingOutcome outcome) {
        if (json) {
            println(JsonOutput.document(toJson(outcome)));
            console.out().flush();
            return;
        }
        switch (outcome.reason()) {
            case COMPLETED -> println("trained " + NumberFormats.count(outcome.step()) + " steps");
            case STOPPED ->
                println("stopped after step " + NumberFormats.count(outcome.step()) + " of "
                        + NumberFormats.count(outcome.totalSteps()) + "; --resume continues from there");
        }
        outcome.validation().ifPresent(report -> println(TrainingDisplay.validation(report)));
        println("last  " + outcome.last());
        outcome.best().ifPresent(best -> println("best  " + best));
        outcome.before()
                .ifPresent(before -> println(NumberFormats.text(
                        "before  NLL %.4f nats per token, the model before training%s",
                        before.crossEntropyLoss(),
                        before.isBest() ? ": no validation was better, so there is no best/" : "")));
        console.out().flush();
    }

    private static ObjectNode toJson(TrainingOutcome outcome) {
        ObjectNode result = JsonOutput.object();
        result.put("reason", outcome.reason().name().toLowerCase(Locale.ROOT));
        result.put("step", outcome.step());
        result.put("total_steps", outcome.totalSteps());
        result.put("tokens_seen", outcome.tokensSeen());
        outcome.validation().ifPresent(report -> {
            ObjectNode validation = result.putObject("validation");
            RecordJson.put(validation, "cross_entropy_loss", report.crossEntropyLoss());
            RecordJson.put(validation, "standard_error", report.standardError());
            RecordJson.put(validation, "bits_per_byte", report.bitsPerByte());
            RecordJson.put(validation, "mean_recursion_depth", report.meanRecursionDepth());
            report.sides().ifPresent(sides -> {
                RecordJson.put(validation, "mean_recursion_depth_of_prompts", sides.promptDepth());
                RecordJson.put(validation, "mean_recursion_depth_of_answers", sides.answerDepth());
            });
            report.text().ifPresent(text -> {
                RecordJson.put(validation, "cross_entropy_loss_of_text", text.crossEntropyLoss());
                RecordJson.put(validation, "standard_error_of_text", text.standardError());
            });
        });
        result.put("last", outcome.last().toString());
        outcome.best().ifPresent(best -> result.put("best", best.toString()));
        outcome.before().ifPresent(known -> {
            ObjectNode before = result.putObject("before_training");
            RecordJson.put(before, "cross_entropy_loss", known.crossEntropyLoss());
            before.put("is_best", known.isBest());
        });
        return result;
    }
}
