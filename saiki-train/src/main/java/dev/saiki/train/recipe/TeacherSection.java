package dev.saiki.train.recipe;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.model.Distillation;
import dev.saiki.model.FullDepth;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `objective.teacher`: a frozen model to distil from.
///
/// A teacher with text of its own keeps the model close to the teacher's predictions on that text, in additional
/// micro-batches. A teacher without text of its own teaches on the text of the run, at each token's own depth.
///
/// @param model the teacher's checkpoint; empty for the checkpoint that the run starts from
/// @param text the teacher's own text; empty if the teacher teaches on the text of the run
/// @param distillation the weight and temperature of the distillation loss
/// @param forwardFlopsPerToken the teacher's cost per token read, including its head; by default computed
///     from the teacher's configuration. A resolved recipe stores this cost, so that no checkpoint is needed
///     to read the recipe
public record TeacherSection(
        Optional<Path> model, Optional<OwnText> text, Distillation distillation, double forwardFlopsPerToken) {

    /// The recipe value that stands for the checkpoint that the run starts from.
    public static final String BASE = "base";

    static final String KEY = "teacher";

    private static final String PATH = "objective." + KEY;
    private static final String MODEL = "model";
    private static final String DATASET = "dataset";
    private static final String SEQUENCES = "sequences";
    private static final String DEPTH = "depth";
    private static final String COEFFICIENT = "coefficient";
    private static final String TEMPERATURE = "temperature";
    private static final String FLOPS = "forward_flops_per_token";

    /// A text that only the teacher's loss uses.
    ///
    /// @param dataset the folder that `saiki data prepare` wrote; relative paths start at the working directory
    /// @param sequences the number of rows of this text in a training step, in addition to those of the run
    /// @param depth the number of recursions that every token of this text takes in the trained model
    public record OwnText(Path dataset, int sequences, int depth) {}

    /// The parts of a recipe that the section's defaults depend on.
    ///
    /// @param base the checkpoint that the run starts from
    /// @param shape the trained model; empty if it could not be read
    /// @param batch the batch settings; empty if they could not be read
    record Context(Optional<Path> base, Optional<ModelConfig> shape, Optional<BatchSection> batch) {}

    /// Reads the section, if the recipe has one.
    static Optional<TeacherSection> readFrom(SectionReader objective, Context recipe) {
        return objective.has(KEY)
                ? objective.section(KEY).read(reader -> readSection(reader, recipe))
                : Optional.empty();
    }

    private static TeacherSection readSection(SectionReader reader, Context recipe) {
        Optional<Path> named = reader.path(MODEL).filter(path -> !path.equals(Path.of(BASE)));
        Optional<OwnText> text = readText(reader, recipe);
        double coefficient = reader.number(COEFFICIENT, 1);
        double temperature = reader.number(TEMPERATURE, 1);
        OptionalDouble flops = reader.optionalNumber(FLOPS);
        RecipeChecks.positive(reader.pathOf(COEFFICIENT), coefficient);
        RecipeChecks.positive(reader.pathOf(TEMPERATURE), temperature);
        return new TeacherSection(
                named,
                text,
                new Distillation(coefficient, temperature),
                flops.orElseGet(() -> forwardFlops(folder(named, recipe.base()), recipe.batch())));
    }

    private static Path folder(Optional<Path> named, Optional<Path> base) {
        return named.or(() -> base)
                .orElseThrow(() -> new InputException(PATH + "." + MODEL + " must be the folder of a checkpoint, or "
                        + BASE + " with initialisation.from (--init-from DIR), got " + BASE + " without it"));
    }

    private static Optional<OwnText> readText(SectionReader reader, Context recipe) {
        Optional<Path> dataset = reader.path(DATASET);
        // In a model with step gates, the first pass is the model that it was deepened from.
        int usual = recipe.shape()
                .filter(shape -> !shape.hasStepGates())
                .map(ModelConfig::numRecursions)
                .orElse(1);
        int sequences = reader.smallInteger(
                SEQUENCES, recipe.batch().map(BatchSection::microBatchSequences).orElse(1));
        int depth = reader.smallInteger(DEPTH, usual);
        RecipeChecks.atLeast(1, reader.pathOf(SEQUENCES), sequences);
        RecipeChecks.atLeast(1, reader.pathOf(DEPTH), depth);
        for (String key : new String[] {SEQUENCES, DEPTH}) {
            RecipeChecks.that(
                    dataset.isPresent() || !reader.has(key),
                    reader.pathOf(key),
                    "left out without " + reader.pathOf(DATASET) + ", since the teacher then uses the text of the run",
                    reader.has(key) ? "a number" : "");
        }
        return dataset.map(folder -> new OwnText(folder, sequences, depth));
    }

    private static double forwardFlops(Path folder, Optional<BatchSection> batch) {
        ModelConfig config = CheckpointDirectory.open(folder).config();
        int context = batch.map(BatchSection::sequenceLength).orElse(BatchSection.MIN_SEQUENCE_LENGTH);
        return Accounting.forwardFlopsPerToken(config, context, config.capacities())
                + Accounting.headFlopsPerToken(config);
    }

    void write(ObjectNode objective) {
        ObjectNode section = objective.putObject(KEY);
        section.put(MODEL, model.map(Path::toString).orElse(BASE));
        text.ifPresent(own -> {
            section.put(DATASET, own.dataset().toString());
            section.put(SEQUENCES, own.sequences());
            section.put(DEPTH, own.depth());
        });
        section.put(COEFFICIENT, distillation.coefficient());
        section.put(TEMPERATURE, distillation.temperature());
        section.put(FLOPS, forwardFlopsPerToken);
    }

    /// Returns the path of the teacher's checkpoint.
    ///
    /// @param initialisation the section `initialisation` of the same recipe
    /// @return the checkpoint
    /// @throws InputException if the teacher is the run's own starting point and the run has none
    public Path folder(InitialisationSection initialisation) {
        return folder(model, initialisation.from());
    }

    /// Rejects settings that are incompatible with the teacher.
    ///
    /// @param shape the trained model
    /// @param batch the batch of the run
    /// @param fullDepth micro-batches at full depth
    /// @param trained the names of the tensors that the run trains
    /// @throws InputException if the teacher cannot be combined with these settings, or would train no tensor
    void requireFits(ModelConfig shape, BatchSection batch, Optional<FullDepth> fullDepth, Collection<String> trained) {
        if (text.isEmpty()) {
            RecipeChecks.that(
                    fullDepth.isEmpty(),
                    PATH + "." + DATASET,
                    "given with objective.full_depth, whose exits are trained on the text of the run",
                    "nothing");
            return;
        }
        OwnText own = text.get();
        int together = batch.microBatchSequences();
        Problems.requireAll(
                () -> RecipeChecks.that(
                        own.depth() <= shape.numRecursions(),
                        PATH + "." + DEPTH,
                        "at most the model's number of recursions (" + shape.numRecursions() + ")",
                        own.depth()),
                () -> RecipeChecks.that(
                        own.sequences() < together || own.sequences() % together == 0,
                        PATH + "." + SEQUENCES,
                        "below batch.micro_batch_sequences (" + together + ") or a multiple of it",
                        own.sequences()),
                () -> RecipeChecks.that(
                        own.depth() > 1 || trained.stream().anyMatch(ParameterNames::isOfFirstPass),
                        PATH,
                        "left out where optimizer.trained names no tensor of the first pass, since a teacher would"
                                + " change nothing",
                        "depth 1"));
    }

    /// Returns the additional cost of teaching per token of the run.
    ///
    /// @param shape the trained model
    /// @param batch the batch of the run
    /// @param maxDepth the maximum number of recursions of a token
    /// @return FLOPs per token: those of the teacher and, if the teacher has text of its own, those of the
    ///     model on that text
    double forwardFlopsPerToken(ModelConfig shape, BatchSection batch, int maxDepth) {
        if (text.isEmpty()) {
            return forwardFlopsPerToken;
        }
        OwnText own = text.get();
        int depth = Math.min(own.depth(), maxDepth);
        double student = Accounting.forwardFlopsPerToken(
                shape,
                batch.sequenceLength(),
                IntStream.range(0, shape.numRecursions())
                        .mapToObj(step -> step < depth ? 1.0 : 0.0)
                        .toList());
        return (forwardFlopsPerToken + student) * own.sequences() / batch.sequences();
    }
}
