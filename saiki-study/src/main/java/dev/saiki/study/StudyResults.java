package dev.saiki.study;

import dev.saiki.eval.RecordJson;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a study found so far, as it stands in `study.json`.
///
/// The file is written anew after every finished run, so that a study can be reported while it goes on; comparisons
/// and fits are then those of the runs that are there. Keys are the component names in snake case; an `Optional` is a
/// value or null. Losses are natural logarithms, per token, on held-out documents; a budget is in forward FLOPs;
/// intervals hold the true value with a confidence of 95 %.
///
/// @param formatVersion version of the file's format
/// @param name what the plan calls itself
/// @param setting where it runs
/// @param data the text, and the rows that every run is scored on
/// @param families the kinds of model, in the plan's order; the first is the baseline
/// @param sizes names of the sizes, in the plan's order
/// @param budgets forward FLOPs of a training, rising
/// @param seeds the seeds of every family, size and budget
/// @param progress how far the study is
/// @param runs the finished trainings with what was measured on them, in the order of the plan
/// @param comparisons every family against the baseline, and routed families against one another, cell by cell
/// @param changes what further evaluations do to the loss of each checkpoint
/// @param equalCosts families against early exits on others, at the same FLOPs for a token
/// @param curves the compute-optimal curve of each family
/// @param recurrences what a recursion is worth in each recursive family
/// @param floor the loss of a model that knows token frequencies only; absent in older files
/// @param written what one checkpoint of each family wrote, if the plan asks for it and all trainings are done
public record StudyResults(
        int formatVersion,
        String name,
        Setting setting,
        Data data,
        List<Family> families,
        List<String> sizes,
        List<Double> budgets,
        List<Long> seeds,
        Progress progress,
        List<Run> runs,
        List<Comparison> comparisons,
        List<Change> changes,
        List<EqualCost> equalCosts,
        List<Curve> curves,
        List<Recurrence> recurrences,
        Optional<Floor> floor,
        List<Written> written) {

    /// The version of the format that this code writes. It reads the one before, too.
    public static final int FORMAT_VERSION = 3;

    private static final int OLDEST_VERSION = 2;

    /// The name of the file in the study's folder.
    public static final String FILE_NAME = "study.json";

    /// How often the intervals hold the true value.
    public static final double CONFIDENCE = 0.95;

    /// Keeps its own copies of the lists.
    public StudyResults {
        families = List.copyOf(families);
        sizes = List.copyOf(sizes);
        budgets = List.copyOf(budgets);
        seeds = List.copyOf(seeds);
        runs = List.copyOf(runs);
        comparisons = List.copyOf(comparisons);
        changes = List.copyOf(changes);
        equalCosts = List.copyOf(equalCosts);
        curves = List.copyOf(curves);
        recurrences = List.copyOf(recurrences);
        written = List.copyOf(written);
    }

    /// Where the study runs.
    ///
    /// @param version version of Saiki
    /// @param processors processors that the program could use
    /// @param platform operating system and architecture
    /// @param started when the study began, in UTC, as ISO 8601 writes it
    /// @param updated when this was written, likewise
    /// @param preset what a pilot was asked for that made the plan; absent if a person wrote it
    public record Setting(
            String version,
            int processors,
            String platform,
            String started,
            String updated,
            Optional<StudyPlan.Preset> preset) {}

    /// The text. The lists have one entry a scored row, the same rows for every run; the losses of the rows of each
    /// measurement are in their order.
    ///
    /// @param corpus what the text is: the corpus that was prepared, or the folder of the dataset
    /// @param dataHash identifies documents and splits
    /// @param vocabSize tokens in the vocabulary
    /// @param trainDocuments documents to train on
    /// @param trainTokens tokens in them
    /// @param heldOutDocuments documents held out
    /// @param heldOutTokens tokens in them
    /// @param context tokens that a model sees at once
    /// @param scoredTokens held-out tokens in the scored rows
    /// @param scoredBytes bytes of text that these stand for
    /// @param tuningTokens held-out tokens, in other documents, on which learning rates and sizes are chosen
    /// @param rowDocuments the held-out document of each row
    /// @param rowTokens the scored tokens of each row
    public record Data(
            String corpus,
            String dataHash,
            int vocabSize,
            long trainDocuments,
            long trainTokens,
            long heldOutDocuments,
            long heldOutTokens,
            int context,
            long scoredTokens,
            long scoredBytes,
            long tuningTokens,
            List<Integer> rowDocuments,
            List<Long> rowTokens) {
        /// Keeps its own copies of the lists.
        public Data {
            rowDocuments = List.copyOf(rowDocuments);
            rowTokens = List.copyOf(rowTokens);
        }
    }

    /// A kind of model.
    ///
    /// @param name its name in the plan
    /// @param recipe the recipe that it is derived from
    /// @param learningRates the rates that the plan names; more than one are tried in a sweep
    /// @param learningRate the rate of the grid; absent until the sweep has chosen it
    public record Family(String name, String recipe, List<Double> learningRates, Optional<Double> learningRate) {
        /// Keeps its own copy of the list.
        public Family {
            learningRates = List.copyOf(learningRates);
        }
    }

    /// How far the study is.
    ///
    /// @param plannedRuns trainings in the plan, sweeps included
    /// @param finishedRuns trainings that are done and measured
    /// @param givenUp trainings that cannot be finished
    /// @param secondsSpent seconds that the finished trainings took
    /// @param secondsLeft seconds of the rest at the speeds measured so far; absent before the first one
    public record Progress(
            int plannedRuns,
            int finishedRuns,
            List<GivenUp> givenUp,
            double secondsSpent,
            Optional<Double> secondsLeft) {
        /// Keeps its own copy of the list.
        public Progress {
            givenUp = List.copyOf(givenUp);
        }

        /// Tells whether nothing is left to do.
        ///
        /// @return true if every run is finished or given up
        public boolean isComplete() {
            return finishedRuns + givenUp.size() >= plannedRuns;
        }
    }

    /// A training whose loss or gradient ceased to be a number, as it would again.
    ///
    /// @param id its name
    /// @param purpose what it was for
    /// @param step the step that could not be taken; that of the run whose stable phase it shares, if that one
    ///     did not come as far
    /// @param what what was not finite, such as `the cross-entropy loss`
    public record GivenUp(String id, Purpose purpose, long step, String what) {}

    /// What a run is for.
    public enum Purpose {
        /// A cell of the grid.
        GRID,
        /// A trial of a learning rate.
        SWEEP
    }

    /// A finished training and what was measured on its last checkpoint.
    ///
    /// @param id its name, which is also its folder's under `runs/`
    /// @param purpose what it is for
    /// @param family name of its family
    /// @param size name of its size
    /// @param budget forward FLOPs it was given
    /// @param seed decides initial weights, the order of the rows and random routing
    /// @param learningRate peak learning rate
    /// @param checkpoint folder of its checkpoint, relative to the study's; it may have been removed
    /// @param recipe its resolved recipe as YAML, without the places of data and states
    /// @param model what the model is
    /// @param training what the training took
    /// @param tuningNll loss on the tuning documents, with causal routing
    /// @param measurements the evaluations of the plan that apply to the model; the first is the held-out loss
    ///     with causal routing
    public record Run(
            String id,
            Purpose purpose,
            String family,
            String size,
            double budget,
            long seed,
            double learningRate,
            String checkpoint,
            String recipe,
            Model model,
            Training training,
            double tuningNll,
            List<Measurement> measurements) {
        /// Keeps its own copy of the list.
        public Run {
            measurements = List.copyOf(measurements);
        }

        /// Returns the held-out loss with causal routing and all that was measured with it.
        ///
        /// @return the first of the measurements
        public Measurement heldOut() {
            return measurements.getFirst();
        }

        /// The same run, measured otherwise.
        Run measured(double onTuning, List<Measurement> fresh) {
            return new Run(
                    id,
                    purpose,
                    family,
                    size,
                    budget,
                    seed,
                    learningRate,
                    checkpoint,
                    recipe,
                    model,
                    training,
                    onTuning,
                    fresh);
        }

        /// Finds a measurement.
        ///
        /// @param evaluation name of the evaluation
        /// @return the measurement; empty if the evaluation does not apply to the model
        public Optional<Measurement> measurement(String evaluation) {
            return measurements.stream()
                    .filter(measurement -> measurement.name().equals(evaluation))
                    .findFirst();
        }
    }

    /// What a model is.
    ///
    /// @param parameters all parameters
    /// @param nonEmbeddingParameters the same without embedding and head
    /// @param onceParameters those of the non-embedding parameters that a token passes once
    /// @param recurrentParameters those that it passes again in each recursion; 0 for vanilla
    /// @param numRecursions recursions of a token at full depth; 1 for vanilla
    /// @param meanTrainedDepth mean recursions of a training token by the configured capacities; with
    ///     expert-threshold over the efforts, as often as they are trained
    /// @param meanDefaultDepth the same at the default effort; equal to it with any other routing
    /// @param uniqueLayers layers that are stored
    /// @param unrolledLayers layers that a token at full depth passes
    /// @param forwardFlopsPerToken forward FLOPs of a training token
    public record Model(
            long parameters,
            long nonEmbeddingParameters,
            long onceParameters,
            long recurrentParameters,
            int numRecursions,
            double meanTrainedDepth,
            double meanDefaultDepth,
            int uniqueLayers,
            int unrolledLayers,
            double forwardFlopsPerToken) {}

    /// What a training took.
    ///
    /// @param steps optimizer steps of the whole training
    /// @param tokens tokens trained on, repeats counted
    /// @param forwardFlops forward FLOPs spent on them
    /// @param branchedFrom the run whose stable phase this one shares, and only cools down from
    /// @param ownSteps steps that were taken for this run alone; less than `steps` if it branched off
    /// @param ownSeconds seconds that these took
    /// @param tokensPerSecond median speed over its logged steps
    public record Training(
            long steps,
            long tokens,
            double forwardFlops,
            Optional<String> branchedFrom,
            long ownSteps,
            double ownSeconds,
            double tokensPerSecond) {}

    /// Exits that a measurement added to a model that was trained without.
    ///
    /// @param share of the layers that was aimed at
    /// @param confidence what let a token leave, such as `softmax`
    /// @param threshold of the confidence, chosen on the tuning documents
    /// @param flopsPerTokenWithoutChecks FLOPs of a token as if it were known for nothing which tokens leave
    public record Exits(double share, String confidence, double threshold, double flopsPerTokenWithoutChecks) {}

    /// One evaluation of one checkpoint.
    ///
    /// @param name its name in the plan
    /// @param kind its kind in the plan, with settings, such as `held_out max_depth=1`
    /// @param nll mean negative log-likelihood of a token
    /// @param standardError its standard error over held-out documents
    /// @param bitsPerByte the same loss in bits for each byte of text
    /// @param meanDepth mean number of recursions of a token
    /// @param meanLayers mean number of unrolled layers that a token passed
    /// @param shareOfTokensPerDepth share of tokens that ended at each depth, from 1
    /// @param flopsPerToken forward FLOPs of a token at the depths measured, counted for each row: with the
    ///     head, with routers, and with the checks of early exit
    /// @param cacheBytesPerToken bytes of keys and values of a token at the depths measured; with early exit
    ///     those of full depth, for a token that left has keys in the layers it skipped
    /// @param exits exits that were added; absent if none were
    /// @param rowNlls sum of negative log-likelihoods over the tokens of each row, in the order of {@link Data}
    public record Measurement(
            String name,
            String kind,
            double nll,
            double standardError,
            double bitsPerByte,
            double meanDepth,
            double meanLayers,
            List<Double> shareOfTokensPerDepth,
            double flopsPerToken,
            double cacheBytesPerToken,
            Optional<Exits> exits,
            List<Double> rowNlls) {
        /// Keeps its own copies of the lists.
        public Measurement {
            shareOfTokensPerDepth = List.copyOf(shareOfTokensPerDepth);
            rowNlls = List.copyOf(rowNlls);
        }

        /// Returns the FLOPs of a token as if it were known for nothing which tokens leave.
        ///
        /// @return those of `exits`, or the only ones there are
        public double flopsPerTokenWithoutChecks() {
            return exits.map(Exits::flopsPerTokenWithoutChecks).orElse(flopsPerToken);
        }
    }

    /// What a comparison allows to be said.
    public enum Verdict {
        /// The whole interval lies below zero: the family's loss is lower.
        BETTER,
        /// The whole interval lies above zero: the family's loss is higher.
        WORSE,
        /// The interval holds zero, or cannot be told; nothing may be called a gain.
        UNDECIDED
    }

    /// Which models a comparison is about.
    public enum Scope {
        /// Both at one size.
        SAME_SIZE,
        /// Each at the size that is best for it at this budget, chosen on the tuning documents.
        BEST_SIZE
    }

    /// The loss of a family minus that of another at one budget, paired over held-out documents and averaged over
    /// seeds.
    ///
    /// @param family the family
    /// @param baseline the family that is subtracted
    /// @param scope which models
    /// @param size the family's size
    /// @param baselineSize the other's size
    /// @param budget forward FLOPs of each training
    /// @param seeds seeds behind it
    /// @param documents held-out documents behind it
    /// @param difference nats per token; negative if the family is better
    /// @param low lower end of the interval
    /// @param high upper end of the interval
    /// @param documentError standard error from the choice of held-out documents
    /// @param seedError standard error from the choice of seeds; absent if no cell of the study has two seeds
    /// @param seedFreedom degrees of freedom behind it
    /// @param verdict what may be said
    /// @param reason why nothing may be said if the interval alone does not tell; empty otherwise
    public record Comparison(
            String family,
            String baseline,
            Scope scope,
            String size,
            String baselineSize,
            double budget,
            int seeds,
            int documents,
            double difference,
            double low,
            double high,
            double documentError,
            Optional<Double> seedError,
            int seedFreedom,
            Verdict verdict,
            String reason) {}

    /// The loss of a checkpoint under a further evaluation minus its held-out loss with causal routing, paired
    /// over held-out documents. The seed is that of the checkpoint, and no part of the interval.
    ///
    /// @param run id of the run
    /// @param evaluation name of the evaluation
    /// @param difference nats per token; positive if the evaluation is worse
    /// @param low lower end of the interval
    /// @param high upper end of the interval
    /// @param verdict what may be said of the evaluation
    public record Change(String run, String evaluation, double difference, double low, double high, Verdict verdict) {}

    /// The loss of a family minus that of another to which exits were added, at the family's FLOPs for a token
    /// of held-out text, averaged over seeds. The other's loss there lies on the line between its two settings
    /// beside it, full depth among them.
    ///
    /// @param family the family
    /// @param other the family with exits
    /// @param confidence what let a token leave
    /// @param checksCount whether asking tokens counts as cost; if not, exits look cheaper than they can be
    /// @param size the size of both
    /// @param budget forward FLOPs of each training
    /// @param flopsPerToken the family's FLOPs for a token
    /// @param seeds seeds behind it
    /// @param difference nats per token, negative if the family is better; or why there is none
    /// @param verdict what may be said
    /// @param reason why nothing may be said if the interval alone does not tell; empty otherwise
    public record EqualCost(
            String family,
            String other,
            String confidence,
            boolean checksCount,
            String size,
            double budget,
            double flopsPerToken,
            int seeds,
            Fitted difference,
            Verdict verdict,
            String reason) {}

    /// A fitted number with its interval, or why there is none.
    ///
    /// @param value the number
    /// @param low lower end of its interval
    /// @param high upper end of its interval
    /// @param problem why it cannot be fitted, a sentence's end after "cannot be fitted, because"; empty if it can
    public record Fitted(Optional<Double> value, Optional<Double> low, Optional<Double> high, String problem) {
        static Fitted of(double value, double low, double high) {
            return new Fitted(Optional.of(value), Optional.of(low), Optional.of(high), "");
        }

        static Fitted impossible(String problem) {
            return new Fitted(Optional.empty(), Optional.empty(), Optional.empty(), problem);
        }

        /// Tells whether there is a number.
        ///
        /// @return false if it could not be fitted
        public boolean isPresent() {
            return value.isPresent();
        }
    }

    /// The compute-optimal curve of a family: the best size at each budget, and how it moves with the budget.
    ///
    /// @param family the family
    /// @param optima the minimum over sizes at each budget, in rising order
    /// @param sizeExponent a in optimal non-embedding parameters = k · budget^a
    /// @param lossExponent b in optimal loss = k · budget^-b
    public record Curve(String family, List<Optimum> optima, Fitted sizeExponent, Fitted lossExponent) {
        /// Keeps its own copy of the list.
        public Curve {
            optima = List.copyOf(optima);
        }
    }

    /// The minimum of the parabola of the loss over the logarithm of the non-embedding parameters at one budget.
    ///
    /// @param budget forward FLOPs
    /// @param nonEmbeddingParameters where the minimum lies
    /// @param nll the loss there
    /// @param coefficients constant, linear and quadratic coefficient in log10 of the parameters; empty without a
    ///     parabola, and given even if its minimum lies outside the sizes that were trained
    public record Optimum(double budget, Fitted nonEmbeddingParameters, Fitted nll, List<Double> coefficients) {
        /// Keeps its own copy of the list.
        public Optimum {
            coefficients = List.copyOf(coefficients);
        }
    }

    /// What a recursion is worth: the exponent phi of the iso-depth law, by which a model has the loss of a
    /// vanilla one with N_once + r^phi · N_rec parameters, for r recursions. With 1, a recursion is worth a block
    /// of layers of its own; with 0, nothing.
    ///
    /// @param family the recursive or routed family; r is its mean trained depth
    /// @param reference the vanilla family
    /// @param cells runs behind the fit, both families'
    /// @param phi the exponent
    /// @param residual root mean square of what the fitted law leaves over, nats; absent without a fit
    public record Recurrence(String family, String reference, int cells, Fitted phi, Optional<Double> residual) {}

    /// The loss of a model that knows token frequencies only, on the reported rows.
    ///
    /// @param nll nats per token
    /// @param standardError its standard error over held-out documents
    /// @param bitsPerByte the same in bits for each byte of text
    public record Floor(double nll, double standardError, double bitsPerByte) {}

    /// What a checkpoint wrote with the engine.
    ///
    /// @param run id of the run
    /// @param speed how fast; absent if it was not measured
    /// @param samples continuations, one a prompt, the same prompts for every run
    public record Written(String run, Optional<DecodeSpeed> speed, List<Sample> samples) {
        /// Keeps its own copy of the list.
        public Written {
            samples = List.copyOf(samples);
        }
    }

    /// How fast a checkpoint wrote, in rounds that took turns with the other checkpoints.
    ///
    /// @param weights number format of the engine's weights
    /// @param weightBytes bytes of the weights
    /// @param sequences texts at the same time
    /// @param promptTokens tokens of each prompt, taken from held-out documents
    /// @param tokens tokens that each text was given
    /// @param tokensPerSecond tokens written in a second, one a round
    public record DecodeSpeed(
            String weights,
            long weightBytes,
            int sequences,
            int promptTokens,
            int tokens,
            List<Double> tokensPerSecond) {
        /// Keeps its own copy of the list.
        public DecodeSpeed {
            tokensPerSecond = List.copyOf(tokensPerSecond);
        }
    }

    /// A continuation of a prompt.
    ///
    /// @param prompt what it begins with
    /// @param text what the model wrote
    /// @param meanDepth mean recursions of a token of it
    public record Sample(String prompt, String text, double meanDepth) {}

    /// Tells whether anything is known of how much a loss depends on its seed: whether some model of a budget was
    /// trained with two.
    ///
    /// @param budget forward FLOPs of a training
    /// @return whether intervals at that budget count seeds
    public boolean knowsSeeds(double budget) {
        Set<List<String>> seen = new HashSet<>();
        return runs.stream()
                .filter(run -> run.purpose() == Purpose.GRID && run.budget() == budget)
                .anyMatch(run -> !seen.add(List.of(run.family(), run.size())));
    }

    /// Reads results.
    ///
    /// @param file a `study.json`
    /// @return the results
    /// @throws InputException if the file is missing, holds no study's results, or has another format version
    /// @throws IOException if it cannot be read
    public static StudyResults read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": no such file; `saiki study` writes it after its first run");
        }
        try {
            JsonNode stored = RecordJson.MAPPER.readTree(Files.readString(file));
            int version = stored.path("format_version").asInt(0);
            if (version < OLDEST_VERSION || version > FORMAT_VERSION) {
                throw InputException.of(
                        file.toString(), "format_version", OLDEST_VERSION + " or " + FORMAT_VERSION, version);
            }
            return RecordJson.MAPPER.treeToValue(
                    version == OLDEST_VERSION ? upgraded(stored) : stored, StudyResults.class);
        } catch (JacksonException e) {
            throw new InputException(file + ": not the results of a study: " + e.getOriginalMessage(), e);
        }
    }

    /// Adds what files of version 2 do not have.
    private static JsonNode upgraded(JsonNode stored) {
        if (stored instanceof ObjectNode root && root.path("setting") instanceof ObjectNode setting) {
            setting.putNull("preset");
            root.putNull("floor");
            root.putArray("written");
            root.put("format_version", FORMAT_VERSION);
        }
        return stored;
    }

    void write(Path file) throws IOException {
        AtomicFiles.writeString(file, RecordJson.MAPPER.writeValueAsString(this) + "\n");
    }
}
