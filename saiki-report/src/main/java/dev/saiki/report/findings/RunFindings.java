package dev.saiki.report.findings;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.Interval;
import dev.saiki.io.InputException;
import dev.saiki.report.findings.Findings.Attachments;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.DepthShares;
import dev.saiki.report.findings.Findings.Examples;
import dev.saiki.report.findings.Findings.Kind;
import dev.saiki.report.findings.Findings.LossEstimate;
import dev.saiki.report.findings.Findings.Origin;
import dev.saiki.report.findings.Findings.TrainingCost;
import dev.saiki.study.TrainingLog;
import dev.saiki.train.RunDirectory;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The findings about a single training.
///
/// The loss is from the last validation during training, on a few held-out rows, and the costs are for the
/// configured capacities; without an evaluation of the model, nothing else is known.
final class RunFindings {

    private RunFindings() {}

    /// Reads a run.
    ///
    /// @param path the run's folder
    /// @param folder the run's folder as named by the user
    /// @throws InputException if the run has no checkpoint or no validation yet
    static Findings of(Path path, String folder) throws IOException {
        Recipe recipe = Recipe.load(new RunDirectory(path).recipe(), List.of());
        CheckpointDirectory checkpoint = CheckpointDirectory.open(new RunDirectory(path).last());
        TrainingLog log = TrainingLog.read(path);
        if (log.curve().isEmpty()) {
            throw new InputException(path + ": the run has not been validated yet, so there is no loss to report;"
                    + " set metrics.validate_every in its recipe, or wait");
        }
        return new Findings(
                new Origin(
                        Kind.RUN,
                        folder,
                        recipe.data().dataset().map(Path::toString).orElse(""),
                        0,
                        "",
                        checkpoint
                                .manifest()
                                .map(manifest -> manifest.created().toString())
                                .orElse(""),
                        List.of(recipe.data().seed()),
                        true,
                        "./saiki train --recipe " + Appendix.quoted(folder + "/" + RunDirectory.RECIPE)
                                + " --out runs/again"),
                Optional.empty(),
                log.forwardFlops(),
                List.of(subject(path, recipe, checkpoint, log)),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Examples.NONE,
                List.of(),
                Attachments.NONE);
    }

    private static ComparedModel subject(Path path, Recipe recipe, CheckpointDirectory checkpoint, TrainingLog log) {
        ModelConfig config = checkpoint.config();
        Accounting accounting = Accounting.of(config);
        TrainingLog.Validation last = log.curve().getLast();
        double margin = Interval.margin(last.standardError(), recipe.metrics().validationSequences());
        List<Double> capacities = config.capacities();
        return new ComparedModel(
                name(config),
                ModelRole.of(config),
                List.of(path.toAbsolutePath().normalize().getFileName() + "/" + RunDirectory.LAST),
                config.numRecursions(),
                accounting.nonEmbeddingParameters(),
                new TrainingCost(
                        recipe.optimizer().learningRate(),
                        log.tokens(),
                        log.forwardFlops(),
                        log.seconds(),
                        log.curve()),
                new LossEstimate(
                        last.nll(),
                        last.standardError(),
                        last.nll() - margin,
                        last.nll() + margin,
                        metric(checkpoint, MetricNames.VALIDATION_BITS_PER_BYTE)),
                new DepthShares(
                        metric(checkpoint, MetricNames.VALIDATION_MEAN_DEPTH),
                        List.of(),
                        capacities.size() > 1 ? capacities.get(1) : Double.NaN),
                accounting.forwardFlopsPerToken(),
                accounting.cacheBytesPerToken());
    }

    private static double metric(CheckpointDirectory checkpoint, String name) {
        return checkpoint
                .manifest()
                .map(Manifest::metrics)
                .map(metrics -> metrics.getOrDefault(name, Double.NaN))
                .orElse(Double.NaN);
    }

    /// Names a model by its kind and, unless it is vanilla, its number of recursions.
    private static String name(ModelConfig config) {
        return switch (ModelRole.of(config)) {
            case VANILLA -> "vanilla";
            case FIXED_DEPTH -> String.format(Locale.ROOT, "recursive-%d", config.numRecursions());
            case ROUTED -> String.format(Locale.ROOT, "MoR-%d", config.numRecursions());
            case RANDOM_ROUTER -> String.format(Locale.ROOT, "random-%d", config.numRecursions());
            case POSITION_ROUTER -> String.format(Locale.ROOT, "position-%d", config.numRecursions());
        };
    }
}
