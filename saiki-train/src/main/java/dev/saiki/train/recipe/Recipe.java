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

/// The complete settings of a run, with defaults filled in.
///
/// {@link #toYaml} writes the resolved form, which reads back as an equal recipe.
///
/// @param model the model
/// @param tokenizer the vocabulary
/// @param data the text and the seed
/// @param initialisation the initial weights
/// @param objective the router's loss terms
/// @param teacher the frozen teacher model; empty for none
/// @param adapter the low-rank updates to train instead of the model; empty if the model itself is trained
/// @param optimizer AdamW
/// @param schedule the length of the run and its learning rate
/// @param batch the batch sizes
/// @param precision number types
/// @param parallelism the use of the machine's threads, processes and device
/// @param stability the treatment of spikes
/// @param checkpoint the saving of states
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

    /// Checks the constraints between sections.
    ///
    /// @throws InputException if two sections are inconsistent
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
                        "given in steps with data.conversations, since conversations differ in length",
                        schedule.length().map(RunLength::toString).orElse("nothing")),
                () -> RecipeChecks.that(
                        schedule.patience() == 0 || schedule.calibrateTokens() == 0,
                        "schedule.patience",
                        "0 with schedule.calibrate_tokens, since a run that ends early is not calibrated",
                        schedule.patience()),
                () -> RecipeChecks.that(
                        schedule.patience() == 0 || metrics.validateEvery() > 0,
                        "schedule.patience",
                        "0 where metrics.validate_every is 0",
                        schedule.patience()),
                () -> RecipeChecks.that(
                        data.curriculum().datasets().isEmpty() || metrics.validateEvery() > 0,
                        "data.curriculum",
                        "left out where metrics.validate_every is 0, since validations end its stages",
                        data.curriculum().datasets()),
                () -> RecipeChecks.that(
                        data.curriculum().datasets().isEmpty() || schedule.patience() == 0,
                        "schedule.patience",
                        "0 with data.curriculum, whose easier datasets are not the validated one",
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

    /// The structure of the adapter to train.
    ///
    /// @return empty if the run trains the model itself
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
    /// @param overrides `key=value` entries; a key is a path such as `optimizer.learning_rate`
    /// @return the recipe
    /// @throws InputException if a file is missing, or a file or an override has an error
    public static Recipe load(Path file, List<String> overrides) {
        return fromSource(RecipeSource.of(file), overrides, LOG::warn);
    }

    /// Reads a recipe file for a command, and attributes an error in an override to the option `--set`.
    ///
    /// @param file a YAML file, or the name of a built-in recipe
    /// @param overrides `key=value` entries; a key is a path such as `optimizer.learning_rate`
    /// @param warnings receives a warning for each value that was changed because otherwise the model could
    ///     not be built
    /// @return the recipe
    /// @throws InputException if a file is missing, or a file or an override has an error
    public static Recipe load(Path file, List<String> overrides, Consumer<String> warnings) {
        RecipeSource source = RecipeSource.of(file);
        return fromSource(source, overrides, warnings, new RecipeMistakes(source.name(), overrides));
    }

    /// Reads a built-in recipe; warnings are logged.
    ///
    /// @param name the recipe's name, such as `small-mor2-expert`; {@link BuiltInRecipes#names} lists them
    /// @param overrides `key=value` each
    /// @return the recipe
    /// @throws InputException if there is no such recipe or an override has an error
    public static Recipe builtIn(String name, List<String> overrides) {
        return fromSource(BuiltInRecipes.source(name), overrides, LOG::warn);
    }

    /// Reads a recipe from text; warnings are logged. In such a text `extends` can name only built-in recipes.
    ///
    /// @param yaml the text
    /// @param overrides `key=value` each
    /// @return the recipe
    /// @throws InputException if an input is invalid
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
        // If the model has errors, placeholders suffice for reading the other sections.
        Optional<ModelConfig> shape = model.map(ModelSection::shape);
        Routing routing = shape.map(ModelConfig::routing).orElseGet(Routing.None::new);
        int longest = shape.map(ModelConfig::maxPositionEmbeddings).orElse(BatchSection.MIN_SEQUENCE_LENGTH);
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

    /// Writes the resolved recipe: the keys of all features in use with their values, including defaults.
    ///
    /// @return YAML that reads back as an equal recipe
    public String toYaml() {
        return Yaml.write(toTree());
    }

    /// The resolved recipe as a tree, for a manifest.
    ///
    /// @return a new tree
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

    /// Compares this recipe with another.
    ///
    /// @param other the other recipe
    /// @param mayDiffer keys to ignore; a key that ends in a dot stands for a whole section
    /// @return one line per differing key, with both values; empty if the recipes are equal
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
                .map(key -> key + ": " + mine.getOrDefault(key, absent) + " in this recipe, "
                        + theirs.getOrDefault(key, absent) + " in the other")
                .toList();
    }

    /// Forward FLOPs per training token, by the paper's accounting, for the context of a training sequence and for
    /// the configured capacities. With expert-threshold routing, this is the mean over the efforts of the training,
    /// weighted by how often each occurs; the default effort does not matter. If recursions are enabled late, it is
    /// the mean over the run. It includes the exits of micro-batches at full depth, the second passes in which
    /// rejected tokens take one more recursion, a teacher's passes and the passes over the teacher's own text.
    /// Runs have equal compute if this number times the training tokens is equal.
    ///
    /// @return forward FLOPs
    public double forwardFlopsPerToken() {
        return flops().perToken(schedule.recursions());
    }

    /// Forward FLOPs per training token while the recursion depth is bounded.
    ///
    /// @param depth the bound on the recursion depth, at least 1
    /// @return forward FLOPs
    public double forwardFlopsPerToken(int depth) {
        return flops().perToken(depth);
    }

    private RecipeFlops flops() {
        return new RecipeFlops(model.shape(), objective, teacher, batch);
    }

    /// Forward FLOPs of the first steps of a run, at the depth of each step.
    ///
    /// @param depths the recursion depth over the run
    /// @param steps the number of steps
    /// @return forward FLOPs
    public double forwardFlops(DepthSchedule depths, long steps) {
        return depths.total(steps, depth -> batch.tokens() * forwardFlopsPerToken(depth));
    }

    /// The recursion depth over the run.
    ///
    /// @param totalSteps the number of steps of the whole run, from {@link #totalSteps}
    /// @return the schedule
    /// @throws InputException if the run is too short for one of the depths
    public DepthSchedule depths(long totalSteps) {
        return schedule.depths(totalSteps);
    }

    /// Whether the model gets auxiliary routers besides its own.
    ///
    /// @return true if the objective trains auxiliary routers
    public boolean hasAuxiliaryRouters() {
        return objective.supervision() == TrainingObjective.Supervision.AUXILIARY_ROUTER;
    }

    /// The number of steps of the whole run.
    ///
    /// @param cooldownStart the step at which a cool-down starts; 0 without a cool-down
    /// @return at least 1
    /// @throws InputException if the length of a cool-down cannot be determined
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
