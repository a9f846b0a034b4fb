package dev.saiki.train.recipe;

import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.io.yaml.Yaml;
import dev.saiki.model.TrainingObjective;
import dev.saiki.train.schedule.DepthSchedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The complete settings of a run, defaults filled in.
///
/// {@link #toYaml} writes the resolved form; reading that gives an equal recipe.
///
/// @param model the model
/// @param tokenizer the vocabulary
/// @param data the text and the seed
/// @param initialisation what the run begins with
/// @param objective the router's loss terms
/// @param teacher the frozen model that teaches; empty for none
/// @param adapter the low-rank updates that are trained in place of the model; empty if the model is
/// @param optimizer AdamW
/// @param schedule length and learning rate
/// @param batch sizes
/// @param precision number types
/// @param parallelism use of the machine
/// @param stability what is done about a batch that stands out
/// @param checkpoint saved states
/// @param metrics logging and validation
public record Recipe(
        ModelSection model,
        TokenizerSection tokenizer,
        DataSection data,
        InitialisationSection initialisation,
        TrainingObjective objective,
        Optional<TeacherSection> teacher,
        Optional<AdapterSection> adapter,
        OptimizerSection optimizer,
        ScheduleSection schedule,
        BatchSection batch,
        PrecisionSection precision,
        ParallelismSection parallelism,
        StabilitySection stability,
        CheckpointSection checkpoint,
        MetricsSection metrics) {

    private static final Logger LOG = LoggerFactory.getLogger(Recipe.class);

    /// Checks what concerns two sections at once.
    ///
    /// @throws InputException if they do not go together
    public Recipe {
        int longest = model.shape().maxPositionEmbeddings();
        Problems.requireAll(
                () -> RecipeChecks.that(
                        batch.sequenceLength() <= longest,
                        "batch.sequence_length",
                        "at most model.max_position_embeddings (" + longest + ")",
                        batch.sequenceLength()),
                () -> RecipeChecks.that(
                        initialisation.from().isEmpty()
                                || schedule.cooldownFrom().isEmpty(),
                        "initialisation.from",
                        "left out with schedule.cooldown_from, which sets the initial weights",
                        initialisation.from()),
                () -> RecipeChecks.that(
                        schedule.calibrateTokens() == 0 || model.shape().routing() instanceof Routing.ExpertThreshold,
                        "schedule.calibrate_tokens",
                        "0 unless model.routing.type is expert_threshold; use saiki calibrate for other routings",
                        schedule.calibrateTokens()),
                () -> RecipeChecks.that(
                        data.conversations().isEmpty()
                                || schedule.length().stream().allMatch(RunLength.Steps.class::isInstance),
                        "schedule",
                        "given in steps with data.conversations, whose lengths differ",
                        schedule.length()),
                () -> RecipeChecks.that(
                        schedule.patience() == 0 || schedule.calibrateTokens() == 0,
                        "schedule.patience",
                        "0 with schedule.calibrate_tokens, since calibration follows the last step",
                        schedule.patience()),
                () -> RecipeChecks.that(
                        schedule.patience() == 0 || metrics.validateEvery() > 0,
                        "schedule.patience",
                        "0 where metrics.validate_every is 0",
                        schedule.patience()),
                () -> requireDepthsOf(model.shape(), schedule.recursions()),
                () -> ObjectiveSection.requireFits(objective, model.shape()),
                () -> FullDepthSection.requireFits(objective.fullDepth(), model),
                () -> FullDepthSection.requireFits(objective.fullDepth(), data),
                () -> data.requireFits(batch),
                () -> optimizer.tensors().among(tensorsOf(model.shape(), objective)),
                () -> teacher.ifPresent(section -> section.requireFits(
                        model.shape(),
                        batch,
                        objective.fullDepth(),
                        trainedTensors(adapter, optimizer, model.shape(), objective))),
                () -> schedule.requireFits(model.shape()),
                () -> adapter.ifPresent(low -> low.requireFits(model.shape(), initialisation, optimizer, schedule)));
    }

    private static void requireDepthsOf(ModelConfig shape, List<ScheduledDepth> depths) {
        RecipeChecks.that(
                depths.isEmpty() || (depths.getLast().depth() == shape.numRecursions() && !shape.isVanilla()),
                "schedule.recursions",
                shape.isVanilla()
                        ? "left out, since the model has no recursion"
                        : "a list that ends at the model's depth, " + shape.numRecursions()
                                + " (model.recursion.num_recursions)",
                depths);
    }

    private static List<String> tensorsOf(ModelConfig shape, TrainingObjective objective) {
        List<String> names = new ArrayList<>(ParameterNames.parameters(shape).keySet());
        if (objective.supervision() == TrainingObjective.Supervision.AUXILIARY_ROUTER) {
            names.addAll(ParameterNames.auxiliaryRouters(shape).keySet());
        }
        return names;
    }

    /// The structure of the adapter that the run trains.
    ///
    /// @return empty if it trains the model itself
    public Optional<AdapterConfig> adapterConfig() {
        return adapter.map(low -> low.of(model.shape()));
    }

    /// The names of the tensors that the run trains; the others are frozen.
    ///
    /// @return at least one
    public Set<String> trainedTensors() {
        return trainedTensors(adapter, optimizer, model.shape(), objective);
    }

    private static Set<String> trainedTensors(
            Optional<AdapterSection> adapter,
            OptimizerSection optimizer,
            ModelConfig shape,
            TrainingObjective objective) {
        return adapter.isPresent()
                ? AdapterTensors.of(shape, adapter.get().of(shape)).sequencedKeySet()
                : optimizer.tensors().among(tensorsOf(shape, objective));
    }

    /// Reads a recipe file; warnings are logged.
    ///
    /// @param file a YAML file, or the name of a built-in recipe
    /// @param overrides `key=value` each, the key being a path such as `optimizer.learning_rate`
    /// @return the recipe
    /// @throws InputException if a file is missing or anything in it or in the overrides is wrong
    public static Recipe load(Path file, List<String> overrides) {
        return fromSource(RecipeSource.of(file), overrides, LOG::warn);
    }

    /// Reads a recipe file as a command does: what is wrong with an override is laid at its option `--set`.
    ///
    /// @param file a YAML file, or the name of a built-in recipe
    /// @param overrides `key=value` each, the key being a path such as `optimizer.learning_rate`
    /// @param warnings takes what was changed so that the model can be built
    /// @return the recipe
    /// @throws InputException if a file is missing or anything in it or in the overrides is wrong
    public static Recipe load(Path file, List<String> overrides, Consumer<String> warnings) {
        RecipeSource source = RecipeSource.of(file);
        return fromSource(source, overrides, warnings, new RecipeMistakes(source.name(), overrides));
    }

    /// Reads one of the recipes that come with Saiki; warnings are logged.
    ///
    /// @param name its name, such as `small-mor2-expert`; {@link BuiltInRecipes#names} lists them
    /// @param overrides `key=value` each
    /// @return the recipe
    /// @throws InputException if there is no such recipe or an override is wrong
    public static Recipe builtIn(String name, List<String> overrides) {
        return fromSource(BuiltInRecipes.source(name), overrides, LOG::warn);
    }

    /// Reads a recipe from text; warnings are logged. `extends` can name built-in recipes only.
    ///
    /// @param yaml the text
    /// @param overrides `key=value` each
    /// @return the recipe
    /// @throws InputException if anything is wrong
    public static Recipe parse(String yaml, List<String> overrides) {
        return fromSource(new RecipeSource.Text("recipe", yaml), overrides, LOG::warn);
    }

    private static Recipe fromSource(RecipeSource source, List<String> overrides, Consumer<String> warnings) {
        return fromSource(source, overrides, warnings, new RecipeMistakes(source.name(), List.of()));
    }

    private static Recipe fromSource(
            RecipeSource source, List<String> overrides, Consumer<String> warnings, RecipeMistakes mistakes) {
        Problems problems = new Problems();
        ObjectNode tree = RecipeLayers.merge(source, overrides, problems);
        SectionReader root = new SectionReader(tree, problems);
        Optional<Recipe> recipe = readSections(root, problems, warnings);
        root.refuseUnknownKeys();
        if (!problems.isEmpty()) {
            throw mistakes.of(problems.all());
        }
        return recipe.orElseThrow();
    }

    private static Optional<Recipe> readSections(SectionReader root, Problems problems, Consumer<String> warnings) {
        SectionReader initialisationReader = root.section("initialisation");
        Optional<Path> base = initialisationReader.path("from");
        Optional<ModelSection> model = root.section("model").read(reader -> ModelSection.read(reader, base, warnings));
        Optional<TokenizerSection> tokenizer = root.section("tokenizer").read(TokenizerSection::read);
        Optional<DataSection> data = root.section("data").read(DataSection::read);
        SectionReader objectiveReader = root.section("objective");
        Optional<AdapterSection> adapter = AdapterSection.readFrom(root);
        Optional<OptimizerSection> optimizer = root.section("optimizer").read(OptimizerSection::read);
        Optional<ScheduleSection> schedule = root.section("schedule").read(ScheduleSection::read);
        SectionReader batchReader = root.section("batch");
        Optional<PrecisionSection> precision = root.section("precision").read(PrecisionSection::read);
        Optional<ParallelismSection> parallelism = root.section("parallelism").read(ParallelismSection::read);
        Optional<StabilitySection> stability = root.section("stability").read(StabilitySection::read);
        Optional<CheckpointSection> checkpoint = root.section("checkpoint").read(CheckpointSection::read);
        Optional<MetricsSection> metrics = root.section("metrics").read(MetricsSection::read);
        // Of a model that cannot be used no more is needed than that the other sections can be read.
        Optional<ModelConfig> shape = model.map(ModelSection::shape);
        Routing routing = shape.map(ModelConfig::routing).orElseGet(Routing.None::new);
        int longest = shape.map(ModelConfig::maxPositionEmbeddings).orElse(BatchSection.LEAST_SEQUENCE_LENGTH);
        Optional<InitialisationSection> initialisation =
                initialisationReader.read(reader -> InitialisationSection.read(reader, shape));
        Optional<BatchSection> batch = batchReader.read(reader -> BatchSection.read(reader, longest));
        Optional<TeacherSection> teacher =
                TeacherSection.readFrom(objectiveReader, new TeacherSection.Context(base, shape, batch));
        Optional<TrainingObjective> objective = objectiveReader.read(reader -> ObjectiveSection.read(reader, routing));
        if (!problems.isEmpty()) {
            return Optional.empty();
        }
        return problems.attempt(() -> new Recipe(
                model.orElseThrow(),
                tokenizer.orElseThrow(),
                data.orElseThrow(),
                initialisation.orElseThrow(),
                objective.orElseThrow(),
                teacher,
                adapter,
                optimizer.orElseThrow(),
                schedule.orElseThrow(),
                batch.orElseThrow(),
                precision.orElseThrow(),
                parallelism.orElseThrow(),
                stability.orElseThrow(),
                checkpoint.orElseThrow(),
                metrics.orElseThrow()));
    }

    /// Writes the resolved recipe: every key with its value, defaults included.
    ///
    /// @return YAML that reads back as an equal recipe
    public String toYaml() {
        return Yaml.write(toTree());
    }

    /// The resolved recipe as a tree, for a manifest.
    ///
    /// @return a tree of its own
    public ObjectNode toTree() {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        model.write(tree.putObject("model"));
        tokenizer.write(tree.putObject("tokenizer"));
        data.write(tree.putObject("data"));
        initialisation.write(tree, model.shape());
        ObjectNode losses = tree.putObject("objective");
        ObjectiveSection.write(objective, losses);
        teacher.ifPresent(section -> section.write(losses));
        adapter.ifPresent(low -> low.write(tree));
        optimizer.write(tree.putObject("optimizer"));
        schedule.write(tree.putObject("schedule"));
        batch.write(tree.putObject("batch"));
        precision.write(tree.putObject("precision"));
        parallelism.write(tree.putObject("parallelism"));
        if (!stability.equals(StabilitySection.DEFAULT)) {
            stability.write(tree.putObject("stability"));
        }
        checkpoint.write(tree.putObject("checkpoint"));
        metrics.write(tree.putObject("metrics"));
        return tree;
    }

    /// Finds where this recipe differs from another.
    ///
    /// @param other the other recipe
    /// @param mayDiffer keys to leave out; one that ends in a dot is a whole section
    /// @return one line a key, with both values; empty if the two are equal
    public List<String> differences(Recipe other, List<String> mayDiffer) {
        TreeMap<String, String> mine = leaves(toTree());
        TreeMap<String, String> theirs = leaves(other.toTree());
        TreeMap<String, String> all = new TreeMap<>(theirs);
        all.putAll(mine);
        String absent = "nothing";
        return all.keySet().stream()
                .filter(key -> !mine.getOrDefault(key, absent).equals(theirs.getOrDefault(key, absent)))
                .filter(key -> mayDiffer.stream()
                        .noneMatch(free -> key.equals(free) || (free.endsWith(".") && key.startsWith(free))))
                .map(key -> key + ": " + mine.getOrDefault(key, absent) + " here, " + theirs.getOrDefault(key, absent)
                        + " there")
                .toList();
    }

    /// Forward FLOPs per training token: the paper's count with the training sequence as context and the
    /// configured capacities; with expert-threshold the mean over the efforts as often as they are trained,
    /// whatever the default effort is; with recursions that come late the mean over the run. Micro-batches at
    /// full depth count as what they run, their exits with them, and second passes too; a teacher's passes
    /// and those on its text are added. Equal-compute runs are made equal by this number.
    ///
    /// @return FLOPs
    public double forwardFlopsPerToken() {
        return flops().perToken(schedule.recursions());
    }

    /// Forward FLOPs per training token while no token goes deeper than a bound.
    ///
    /// @param depth the bound, at least 1
    /// @return FLOPs
    public double forwardFlopsPerToken(int depth) {
        return flops().perToken(depth);
    }

    private RecipeFlops flops() {
        return new RecipeFlops(model.shape(), objective, teacher, batch);
    }

    /// Forward FLOPs of the first steps of a run, as they are spent.
    ///
    /// @param depths the depth of the recursion over the run
    /// @param steps their number
    /// @return FLOPs
    public double forwardFlops(DepthSchedule depths, long steps) {
        return depths.total(steps, depth -> batch.tokens() * forwardFlopsPerToken(depth));
    }

    /// The depth of the recursion over the run.
    ///
    /// @param totalSteps the steps of the whole run, from {@link #totalSteps}
    /// @return the schedule
    /// @throws InputException if a depth has no step in so short a run
    public DepthSchedule depths(long totalSteps) {
        return schedule.depths(totalSteps);
    }

    /// The same recipe with every recursion from the first step on.
    ///
    /// @return a changed recipe
    public Recipe atFullDepth() {
        return new Recipe(
                model,
                tokenizer,
                data,
                initialisation,
                objective,
                teacher,
                adapter,
                optimizer,
                schedule.withoutRecursions(),
                batch,
                precision,
                parallelism,
                stability,
                checkpoint,
                metrics);
    }

    /// Whether the model gets auxiliary routers beside its own.
    ///
    /// @return true if the objective trains them
    public boolean hasAuxiliaryRouters() {
        return objective.supervision() == TrainingObjective.Supervision.AUXILIARY_ROUTER;
    }

    /// The steps of the whole run.
    ///
    /// @param cooldownStart the step a cool-down starts at, or 0
    /// @return at least 1
    /// @throws InputException if a cool-down cannot tell its length
    public long totalSteps(long cooldownStart) {
        return schedule.totalSteps(forwardFlopsPerToken(), batch.tokens(), cooldownStart);
    }

    private static TreeMap<String, String> leaves(ObjectNode tree) {
        TreeMap<String, String> leaves = new TreeMap<>();
        visit("", tree, leaves::put);
        return leaves;
    }

    private static void visit(String path, JsonNode node, BiConsumer<String, String> leaf) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            object.forEachEntry((key, value) -> visit(path.isEmpty() ? key : path + "." + key, value, leaf));
        } else if (!(node instanceof ObjectNode)) {
            leaf.accept(path, node.toString());
        }
    }
}
