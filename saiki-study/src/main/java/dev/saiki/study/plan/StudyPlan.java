package dev.saiki.study.plan;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.Suggestions;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.ScheduleSection;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// The plan of a study: every family at every size, budget and seed, on one text.
///
/// All budgets of a family, size and seed share one stable phase, as in the paper: the run of the largest budget
/// saves a state where the decay of each smaller budget begins, and the runs of the smaller budgets consist only
/// of their decay from that state. The warm-up of all these runs is therefore a share of the smallest budget's
/// steps.
///
/// @param name name of the study
/// @param data the text
/// @param schedule the schedule of learning rates
/// @param sizes the sizes, at least one
/// @param families the kinds of model, at least one; the first is the baseline
/// @param budgets the lengths of the trainings
/// @param seeds seeds, all different
/// @param sweep the size and budget at which families with several learning rates choose one of them
/// @param evaluation the held-out text, and the measurements on it besides the loss
/// @param preset options of the pilot that made this plan; absent if a person wrote the plan
public record StudyPlan(
        String name,
        TextSource data,
        Schedule schedule,
        List<Size> sizes,
        List<Family> families,
        Budgets budgets,
        List<Long> seeds,
        Sweep sweep,
        EvaluationSettings evaluation,
        Optional<Preset> preset) {

    /// Checks the consistency of the parts.
    ///
    /// @throws InputException if a part is empty, out of range or duplicated, or refers to a name that does not
    ///     exist
    public StudyPlan {
        sizes = List.copyOf(sizes);
        families = List.copyOf(families);
        seeds = List.copyOf(seeds);
        List<Size> allSizes = sizes;
        List<Family> allFamilies = families;
        Budgets allBudgets = budgets;
        List<Long> allSeeds = seeds;
        Problems.requireAll(
                () -> InputException.require(!allSizes.isEmpty(), "sizes", "at least one", "none"),
                () -> InputException.require(!allFamilies.isEmpty(), "families", "at least one", "none"),
                () -> InputException.require(
                        !allSeeds.isEmpty() && new HashSet<>(allSeeds).size() == allSeeds.size(),
                        "seeds",
                        "one or more distinct integers",
                        allSeeds),
                () -> InputException.require(
                        allBudgets.areRising(),
                        allBudgets.unit().key(),
                        "one or more rising numbers of " + allBudgets.unit().word(),
                        allBudgets.values()),
                () -> requireKnown("sweep.size", sweep.size(), allSizes, Size::name),
                () -> InputException.require(
                        !allBudgets.areRising() || (sweep.budget() > 0 && sweep.budget() <= allBudgets.largest()),
                        "sweep.budget",
                        "above 0 and at most the largest of the budgets " + allBudgets.values(),
                        sweep.budget()),
                () -> allFamilies.forEach(family -> requireComparisons(family, allFamilies)));
    }

    private static void requireComparisons(Family family, List<Family> families) {
        String key = "families." + family.name() + ".compare_with";
        for (String other : family.compareWith()) {
            requireKnown(key, other, families, Family::name);
            InputException.require(!other.equals(family.name()), key, "other families", other);
        }
    }

    /// The warm-up and decay of learning rates.
    ///
    /// @param warmupFraction the warm-up as a share of the smallest budget's steps
    /// @param decayFraction the decay as a share of each budget's steps
    public record Schedule(double warmupFraction, double decayFraction) {

        /// The default of recipes.
        public static final Schedule DEFAULT =
                new Schedule(ScheduleSection.DEFAULT_WARMUP_FRACTION, ScheduleSection.DEFAULT_DECAY_FRACTION);

        private static final double MAX_DECAY = 0.9;

        /// Checks the ranges.
        ///
        /// @throws InputException if a share is out of its range
        public Schedule {
            InputException.require(
                    warmupFraction >= 0 && warmupFraction < 1,
                    "schedule.warmup_fraction",
                    "at least 0 and below 1",
                    warmupFraction);
            InputException.require(
                    decayFraction > 0 && decayFraction <= MAX_DECAY,
                    "schedule.decay_fraction",
                    "above 0 and at most " + MAX_DECAY,
                    decayFraction);
        }
    }

    /// The options from which a pilot made its plan.
    ///
    /// @param minutes target for the total duration, in minutes
    /// @param size the requested size; absent if the pilot chose it
    public record Preset(double minutes, Optional<String> size) {}

    /// The source of the text: a dataset, or a corpus that the study prepares itself.
    public sealed interface TextSource {

        /// A prepared dataset.
        ///
        /// @param folder the folder written by `saiki data prepare`
        record Prepared(Path folder) implements TextSource {}

        /// A corpus.
        ///
        /// @param paths files, folders or globs; empty for the built-in corpus
        /// @param joinLines whether to join the lines of a paragraph, for text wrapped at a fixed width
        /// @param pieceCharacters length of the pieces into which documents are cut; absent to leave
        ///     documents whole
        /// @param vocabulary the vocabulary for encoding the corpus
        /// @param validationFraction the share of the text to hold out
        record OfCorpus(
                List<Path> paths,
                boolean joinLines,
                Optional<Integer> pieceCharacters,
                Vocabulary vocabulary,
                double validationFraction)
                implements TextSource {

            /// Copies the list and checks the ranges.
            ///
            /// @throws InputException if a value is out of its range
            public OfCorpus {
                paths = List.copyOf(paths);
                InputException.require(
                        pieceCharacters.orElse(1) >= 1, "data.piece_characters", "at least 1", pieceCharacters);
                PrepareOptions.defaults().withValidationFraction(validationFraction);
            }
        }
    }

    /// The tokenizer of a corpus.
    public sealed interface Vocabulary {

        /// A vocabulary learned from the corpus.
        ///
        /// @param size number of tokens in the vocabulary
        record Learned(int size) implements Vocabulary {

            /// The default vocabulary size.
            public static final Learned DEFAULT = new Learned(4096);

            /// Checks the range.
            ///
            /// @throws InputException if the size is too small
            public Learned {
                int least = BytePairTrainer.SMALLEST_VOCABULARY;
                InputException.require(size >= least, "data.vocab_size", "at least " + least, size);
            }
        }

        /// The vocabulary of the model that all trainings start from.
        ///
        /// @param model the folder of the model's checkpoint
        record OfModel(Path model) implements Vocabulary {}
    }

    /// A size of model, described by changes to every family's recipe.
    ///
    /// @param name the size's name
    /// @param settings the size's changes, each as `key=value`
    public record Size(String name, List<String> settings) {
        /// Copies the list.
        public Size {
            settings = List.copyOf(settings);
        }
    }

    /// A kind of model.
    ///
    /// @param name the family's name
    /// @param recipe location of the family's recipe
    /// @param settings changes to the recipe, as `key=value`; they override those of the size
    /// @param learningRates peak learning rates; if there are several, the sweep chooses one
    /// @param compareWith the families to compare this family with
    public record Family(
            String name,
            RecipeReference recipe,
            List<String> settings,
            List<Double> learningRates,
            List<String> compareWith) {

        /// The recipe key that names the model from which a training starts.
        static final String FROM = "initialisation.from";

        /// Copies the lists and checks the rates.
        ///
        /// @throws InputException if there is no rate, or a rate is not positive
        public Family {
            settings = List.copyOf(settings);
            learningRates = List.copyOf(learningRates);
            compareWith = List.copyOf(compareWith);
            boolean positive = learningRates.stream().allMatch(rate -> rate > 0 && Double.isFinite(rate));
            boolean unlike = new HashSet<>(learningRates).size() == learningRates.size();
            InputException.require(
                    !learningRates.isEmpty() && positive && unlike,
                    "families." + name + ".learning_rates",
                    "one or more distinct positive numbers",
                    learningRates);
        }

        /// Tells whether the family's trainings start from an existing model.
        ///
        /// @return false if the weights are initialised at random
        public boolean startsFromModel() {
            return settings.stream().anyMatch(setting -> setting.startsWith(FROM + "="));
        }
    }

    /// The location of a recipe: one that comes with Saiki, or a file. `{size}` in a location stands for the name
    /// of the size, for families with one recipe per size.
    public sealed interface RecipeReference {

        /// The placeholder for the name of the size.
        String SIZE = "{size}";

        /// The recipe's name in the plan.
        ///
        /// @return the name or the path
        String spelling();

        /// Reads the recipe.
        ///
        /// @param size name of the size
        /// @param overrides changes to the recipe, each as `key=value`
        /// @return the recipe
        /// @throws InputException if the recipe does not exist or is invalid
        Recipe load(String size, List<String> overrides);

        /// A recipe that comes with Saiki.
        ///
        /// @param spelling the recipe's name, such as `small-vanilla`
        record BuiltIn(String spelling) implements RecipeReference {
            @Override
            public Recipe load(String size, List<String> overrides) {
                return Recipe.builtIn(spelling.replace(SIZE, size), overrides);
            }
        }

        /// A recipe file.
        ///
        /// @param spelling the file's name in the plan
        /// @param folder the folder of the plan, to which the path is relative
        record OfFile(String spelling, Path folder) implements RecipeReference {
            @Override
            public Recipe load(String size, List<String> overrides) {
                return Recipe.load(folder.resolve(spelling.replace(SIZE, size)).normalize(), overrides);
            }
        }
    }

    /// The size and budget of the learning-rate sweep. If a family has several rates, each is trained with the
    /// first seed, and the rate with the lowest loss on the tuning documents is used for the family at all sizes
    /// and budgets.
    ///
    /// @param size name of the size
    /// @param budget the length of each trial, at most the largest budget
    public record Sweep(String size, double budget) {}

    /// The scored held-out text, and the measurements made in addition to the loss with causal routing.
    ///
    /// @param rows maximum number of scored rows
    /// @param tuningFraction the share of held-out documents reserved for choosing learning rates, sizes and exit
    ///     thresholds
    /// @param more further evaluations of the finished checkpoints to which they apply
    /// @param resamples resamples of the bootstrap
    /// @param gains settings for measuring the gain of a recursion; absent to measure no gain
    /// @param writing settings for text samples of the models; absent to write no samples
    public record EvaluationSettings(
            int rows,
            double tuningFraction,
            List<StudyEvaluation> more,
            int resamples,
            Optional<GainSettings> gains,
            Optional<SampleSettings> writing) {

        /// Default number of rows.
        public static final int DEFAULT_ROWS = 256;

        /// Default share of tuning documents.
        public static final double DEFAULT_TUNING_FRACTION = 0.25;

        /// Default number of resamples.
        public static final int DEFAULT_RESAMPLES = 2000;

        private static final int MIN_RESAMPLES = 100;
        private static final int MAX_RESAMPLES = 100_000;
        private static final int MAX_ROWS = 100_000;

        /// Copies the list and checks the ranges.
        ///
        /// @throws InputException if a value is out of its range
        public EvaluationSettings {
            more = List.copyOf(more);
            InputException.requireBetween("evaluation.rows", rows, 2, MAX_ROWS);
            InputException.require(
                    tuningFraction > 0 && tuningFraction < 1,
                    "evaluation.tuning_fraction",
                    "above 0 and below 1",
                    tuningFraction);
            InputException.requireBetween("evaluation.resamples", resamples, MIN_RESAMPLES, MAX_RESAMPLES);
        }

        /// Returns the evaluations that apply to a model.
        ///
        /// @param config the model
        /// @return the held-out loss with causal routing, then the other evaluations that apply
        public List<StudyEvaluation> of(ModelConfig config) {
            return Stream.concat(Stream.of(StudyEvaluation.HeldOutLoss.CAUSAL), more.stream())
                    .filter(evaluation -> evaluation.obstacle(config).isEmpty())
                    .toList();
        }
    }

    /// The settings for measuring the gain of further recursions for single tokens; the gain is measured for
    /// every model of the grid with at least two recursion steps, unless its layers are repeated in place.
    ///
    /// @param samples number of tokens of the reported documents to force to other depths
    public record GainSettings(int samples) {

        private static final int MAX_SAMPLES = 1_000_000;

        /// Checks the range.
        ///
        /// @throws InputException if the number is out of its range
        public GainSettings {
            InputException.requireBetween("evaluation.gains.samples", samples, 1, MAX_SAMPLES);
        }
    }

    /// The settings for generating text samples and measuring decoding speeds, with one checkpoint of each family.
    ///
    /// @param prompts the prompts of the samples; empty for the text's commonest sentence openings
    /// @param tokens maximum number of tokens of a sample
    /// @param seconds approximate duration, in seconds, of the speed measurement over all families; 0 for
    ///     none
    public record SampleSettings(List<String> prompts, int tokens, double seconds) {

        private static final int MAX_TOKENS = 10_000;
        private static final int MAX_SECONDS = 3600;

        /// Copies the list and checks the ranges.
        ///
        /// @throws InputException if a value is out of its range
        public SampleSettings {
            prompts = List.copyOf(prompts);
            InputException.requireBetween("evaluation.writing.tokens", tokens, 1, MAX_TOKENS);
            InputException.require(
                    seconds >= 0 && seconds <= MAX_SECONDS,
                    "evaluation.writing.seconds",
                    "from 0 to " + MAX_SECONDS,
                    seconds);
        }
    }

    /// Reads a plan.
    ///
    /// @param file a YAML file
    /// @return the plan; recipes are not read yet
    /// @throws InputException if the file is missing or invalid
    public static StudyPlan read(Path file) {
        return StudyPlanReader.read(file);
    }

    private static <T> void requireKnown(String key, String name, List<T> all, Function<T, String> nameOf) {
        List<String> names = all.stream().map(nameOf).toList();
        if (!names.contains(name)) {
            throw new InputException(key + ": there is no " + name + Suggestions.hint(name, names));
        }
    }
}
