package dev.saiki.study.plan;

import dev.saiki.eval.audit.RouterAuditOptions;
import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.model.EarlyExit.Confidence;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.study.plan.StudyPlan.EvaluationSettings;
import dev.saiki.study.plan.StudyPlan.Family;
import dev.saiki.study.plan.StudyPlan.GainSettings;
import dev.saiki.study.plan.StudyPlan.Preset;
import dev.saiki.study.plan.StudyPlan.RecipeReference;
import dev.saiki.study.plan.StudyPlan.SampleSettings;
import dev.saiki.study.plan.StudyPlan.Schedule;
import dev.saiki.study.plan.StudyPlan.Size;
import dev.saiki.study.plan.StudyPlan.Sweep;
import dev.saiki.study.plan.StudyPlan.TextSource;
import dev.saiki.study.plan.StudyPlan.Vocabulary;
import dev.saiki.text.dataset.PrepareOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A parser of a plan's YAML. Unknown keys are rejected with a suggestion, as in recipes.
record StudyPlanReader(Path folder) {

    /// The word for the built-in corpus.
    private static final String BUILT_IN = "built_in";

    static final String RECIPE_SUFFIX = ".yaml";

    private static final int DEFAULT_SAMPLE_TOKENS = 80;

    /// Names are also folder names.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,39}");

    /// The recipe keys that the study sets itself, each with the source of its value.
    private static final Map<String, String> OWN_KEYS = Map.of(
            "schedule.",
            "the plan's schedule, and its budgets or tokens, set how long each training warms up, runs and decays",
            "checkpoint.",
            "the study saves a state every minute, and at each step where a smaller budget branches off",
            "metrics.",
            "the study logs each training; the plan's section evaluation sets how it is measured",
            "data.",
            "the plan's section data names the text",
            "tokenizer.",
            "the tokenizer is the base's, or trained on the plan's data",
            "optimizer.learning_rate",
            "each family of the plan sets learning_rate or learning_rates",
            "model.vocab_size",
            "the plan sets data.vocab_size, or takes it from its base");

    /// The only key of the section `schedule` that a plan may set: it changes the cost of a run, but not its
    /// length.
    private static final String RECURSIONS = "schedule.recursions";

    static StudyPlan read(Path file) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        StudyPlanReader reader = new StudyPlanReader(parent == null ? file : parent);
        return SectionReader.readFile(file, "plan", reader::plan).orElseThrow();
    }

    /// Creates the plan, unless one of its sections has an error.
    private Optional<StudyPlan> plan(SectionReader root) {
        Optional<String> name = root.text("name");
        Optional<Path> base = root.path("base").map(folder::resolve).map(Path::normalize);
        Optional<TextSource> data = root.section("data").read(section -> data(section, base));
        Optional<Schedule> schedule = root.section("schedule").read(StudyPlanReader::schedule);
        Optional<Preset> preset = optional(root, "preset", StudyPlanReader::preset);
        List<String> common = new ArrayList<>(settings(root, "settings"));
        base.ifPresent(model -> common.add(Family.FROM + "='" + model.toString().replace("'", "''") + "'"));
        List<Size> sizes = base.isPresent()
                ? sizeOf(root)
                : named(root.section("sizes"), (key, section) -> new Size(key, settings(section)));
        Budgets budgets = budgets(root);
        List<Family> families = families(root.section("families"), common);
        SectionReader sweepReader = root.section("sweep");
        Optional<Sweep> sweep = sweepReader.read(section -> sweep(section, sizes, families, budgets));
        Optional<EvaluationSettings> evaluation = root.section("evaluation").read(StudyPlanReader::evaluation);
        List<Long> seeds = root.has("seeds") ? root.integers("seeds") : List.of(0L);
        if (data.isEmpty() || schedule.isEmpty() || sweep.isEmpty() || evaluation.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new StudyPlan(
                name.orElse("study"),
                data.get(),
                schedule.get(),
                sizes,
                families,
                budgets,
                seeds,
                sweep.get(),
                evaluation.get(),
                preset));
    }

    /// The single size of a study whose trainings start from an existing model.
    private static List<Size> sizeOf(SectionReader root) {
        if (root.has("sizes")) {
            root.complain("sizes is not allowed with base, since all models have the size of the base; remove one of"
                    + " the two");
        }
        return List.of(new Size("base", List.of()));
    }

    private static Budgets budgets(SectionReader root) {
        List<Double> flops = root.numbers(BudgetUnit.FORWARD_FLOPS.key());
        List<Double> tokens = root.numbers(BudgetUnit.TOKENS.key());
        if (root.has(BudgetUnit.FORWARD_FLOPS.key()) && root.has(BudgetUnit.TOKENS.key())) {
            root.complain(
                    "only one of budgets (forward FLOPs per training) and tokens (tokens per training) is allowed,"
                            + " got both");
        }
        return root.has(BudgetUnit.TOKENS.key())
                ? new Budgets(BudgetUnit.TOKENS, tokens)
                : new Budgets(BudgetUnit.FORWARD_FLOPS, flops);
    }

    private static Schedule schedule(SectionReader reader) {
        return new Schedule(
                reader.number("warmup_fraction", Schedule.DEFAULT.warmupFraction()),
                reader.number("decay_fraction", Schedule.DEFAULT.decayFraction()));
    }

    private static Preset preset(SectionReader reader) {
        return new Preset(reader.number("minutes", 0), reader.text("size"));
    }

    private TextSource data(SectionReader reader, Optional<Path> base) {
        Optional<Path> dataset = reader.path("dataset");
        List<String> corpus = corpus(reader);
        boolean joinLines = reader.flag("join_lines", false);
        OptionalInt piece = reader.optionalSmallInteger("piece_characters");
        int vocabSize = reader.smallInteger("vocab_size", Vocabulary.Learned.DEFAULT.size());
        double validation = reader.number("validation_fraction", PrepareOptions.DEFAULT_VALIDATION_FRACTION);
        if (dataset.isPresent() == reader.has("corpus")) {
            throw new InputException("data must have one of dataset (a folder written by `saiki data prepare`) and"
                    + " corpus (" + BUILT_IN + ", or a list of paths), got " + (dataset.isPresent() ? "both" : "none"));
        }
        if (dataset.isPresent()) {
            for (String key : List.of("join_lines", "piece_characters", "vocab_size", "validation_fraction")) {
                if (reader.has(key)) {
                    throw new InputException("data." + key
                            + " applies to data.corpus only; remove it, since a dataset is already prepared");
                }
            }
            return new TextSource.Prepared(folder.resolve(dataset.get()).normalize());
        }
        if (base.isPresent() && reader.has("vocab_size")) {
            reader.complain(
                    "data.vocab_size is not allowed with base, whose tokenizer encodes the corpus, got " + vocabSize);
        }
        List<Path> paths =
                corpus.stream().map(path -> folder.resolve(path).normalize()).toList();
        return new TextSource.OfCorpus(
                paths,
                joinLines,
                piece.isPresent() ? Optional.of(piece.getAsInt()) : Optional.empty(),
                base.<Vocabulary>map(Vocabulary.OfModel::new).orElseGet(() -> new Vocabulary.Learned(vocabSize)),
                validation);
    }

    /// The paths of a corpus; empty for the built-in one, and without a corpus.
    private static List<String> corpus(SectionReader reader) {
        if (reader.isList("corpus")) {
            return reader.texts("corpus");
        }
        reader.text("corpus")
                .filter(text -> !text.equals(BUILT_IN))
                .ifPresent(text -> reader.complain(reader.pathOf("corpus") + " must be " + BUILT_IN
                        + " or a list of paths such as [novels, logs/*.txt], got " + text));
        return List.of();
    }

    private List<Family> families(SectionReader reader, List<String> common) {
        List<String> names = reader.keys();
        return named(reader, (key, section) -> family(key, section, common, names.getFirst()));
    }

    private Family family(String name, SectionReader reader, List<String> common, String baseline) {
        // All keys are read before any check, because a key that was not read is reported as unknown.
        Optional<String> recipe = reader.text("recipe");
        List<String> settings = new ArrayList<>(common);
        settings.addAll(settings(reader, "settings"));
        OptionalDouble rate = reader.optionalNumber("learning_rate");
        List<Double> rates = reader.numbers("learning_rates");
        List<String> compareWith = reader.has("compare_with")
                ? reader.texts("compare_with")
                : name.equals(baseline) ? List.of() : List.of(baseline);
        if (recipe.isEmpty()) {
            throw new InputException(reader.pathOf("recipe") + " must be the name of a recipe, such as small-vanilla,"
                    + " or a file ending in " + RECIPE_SUFFIX + ", got nothing");
        }
        if (rate.isPresent() == !rates.isEmpty()) {
            throw new InputException(reader.pathOf("learning_rate") + " or learning_rates must be given, got "
                    + (rate.isPresent() ? "both" : "none"));
        }
        return new Family(
                name,
                recipe(recipe.get()),
                settings,
                rate.isPresent() ? List.of(rate.getAsDouble()) : rates,
                compareWith);
    }

    private RecipeReference recipe(String spelling) {
        return spelling.endsWith(RECIPE_SUFFIX)
                ? new RecipeReference.OfFile(spelling, folder)
                : new RecipeReference.BuiltIn(spelling);
    }

    /// Rates are tried at the smallest budget unless the plan sets another. With several sizes the plan must name
    /// one: an automatic choice could change as the plan grows, and all trials would be repeated.
    private static Sweep sweep(SectionReader reader, List<Size> sizes, List<Family> families, Budgets budgets) {
        List<String> names = sizes.stream().map(Size::name).toList();
        Optional<String> size = reader.text("size");
        double budget = reader.number("budget", budgets.values().isEmpty() ? 0 : budgets.smallest());
        boolean tries =
                families.stream().anyMatch(family -> family.learningRates().size() > 1);
        if (tries && names.size() > 1 && size.isEmpty()) {
            throw new InputException(reader.pathOf("size") + " must be one of " + names
                    + ", the size at which learning rates are tried, got nothing");
        }
        return new Sweep(size.orElse(names.isEmpty() ? "" : names.getFirst()), budget);
    }

    private static EvaluationSettings evaluation(SectionReader reader) {
        int rows = reader.smallInteger("rows", EvaluationSettings.DEFAULT_ROWS);
        double tuning = reader.number("tuning_fraction", EvaluationSettings.DEFAULT_TUNING_FRACTION);
        int resamples = reader.smallInteger("resamples", EvaluationSettings.DEFAULT_RESAMPLES);
        List<StudyEvaluation> more = named(reader.section("more"), StudyPlanReader::further);
        Optional<SampleSettings> writing = optional(reader, "writing", StudyPlanReader::writing);
        Optional<GainSettings> gains = optional(reader, "gains", StudyPlanReader::gains);
        return new EvaluationSettings(rows, tuning, more, resamples, gains, writing);
    }

    private static GainSettings gains(SectionReader reader) {
        return new GainSettings(reader.smallInteger("samples", RouterAuditOptions.DEFAULT_SAMPLES));
    }

    private static SampleSettings writing(SectionReader reader) {
        List<String> prompts = reader.has("prompts") ? reader.texts("prompts") : List.of();
        return new SampleSettings(
                prompts, reader.smallInteger("tokens", DEFAULT_SAMPLE_TOKENS), reader.number("seconds", 0));
    }

    private static StudyEvaluation further(String name, SectionReader reader) {
        Map<String, BiFunction<String, SectionReader, StudyEvaluation>> kinds = new TreeMap<>(Map.of(
                StudyEvaluation.HeldOutLoss.KIND, StudyPlanReader::heldOut,
                StudyEvaluation.EarlyExitLoss.KIND, StudyPlanReader::earlyExit));
        if (name.equals(StudyEvaluation.HeldOutLoss.CAUSAL.name())) {
            throw new InputException(reader.pathOf("") + ": " + name
                    + " is the name of the evaluation that every study has; use another name");
        }
        InputException.require(reader.has("kind"), reader.pathOf("kind"), "one of " + kinds.keySet(), "nothing");
        return reader.choice("kind", kinds, () -> StudyPlanReader::heldOut).apply(name, reader);
    }

    private static StudyEvaluation heldOut(String name, SectionReader reader) {
        RoutingRequest.Rule rule = reader.choice(
                "routing", SectionReader.spellings(RoutingRequest.Rule.class), () -> RoutingRequest.Rule.CAUSAL);
        int depth = reader.smallInteger("max_depth", RoutingRequest.UNBOUNDED);
        double effort = reader.number("effort", Double.NaN);
        InputException.requireAtLeast(reader.pathOf("max_depth"), depth, 1);
        return new StudyEvaluation.HeldOutLoss(name, new ScoreOptions(rule, depth, effort));
    }

    private static StudyEvaluation earlyExit(String name, SectionReader reader) {
        Confidence confidence =
                reader.choice("confidence", SectionReader.spellings(Confidence.class), () -> Confidence.SOFTMAX);
        OptionalDouble share = reader.optionalNumber("share");
        if (share.isEmpty()) {
            throw new InputException(reader.pathOf("share")
                    + " must be the mean share of the layers that a token passes, above 0 and below 1, got nothing");
        }
        return new StudyEvaluation.EarlyExitLoss(name, share.getAsDouble(), confidence);
    }

    /// Reads a section that may be absent.
    private static <T> Optional<T> optional(SectionReader reader, String key, Function<SectionReader, T> content) {
        return reader.has(key) ? reader.section(key).read(content) : Optional.empty();
    }

    /// Reads sections with user-defined names.
    private static <T> List<T> named(SectionReader reader, BiFunction<String, SectionReader, T> each) {
        List<T> all = new ArrayList<>();
        for (String key : reader.keys()) {
            if (!NAME.matcher(key).matches()) {
                reader.complain(reader.pathOf(key)
                        + ": a name must have up to 40 letters, digits, dots, dashes and underscores, beginning with a"
                        + " letter or digit");
                continue;
            }
            SectionReader section = reader.section(key);
            section.read(inner -> each.apply(key, inner)).ifPresent(all::add);
        }
        return all;
    }

    private static List<String> settings(SectionReader reader, String key) {
        return settings(reader.section(key));
    }

    /// Changes to a recipe, as `key=value`; keys and values are checked when the recipe is read.
    private static List<String> settings(SectionReader section) {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", section.raw(), flat);
        flat.keySet().forEach(key -> {
            OWN_KEYS.forEach((own, reason) -> {
                boolean isOwn = key.equals(own) || (own.endsWith(".") && (key + ".").startsWith(own));
                if (isOwn && !key.equals(RECURSIONS)) {
                    section.complain(section.pathOf(key) + " must not be set: " + reason + "; remove this key");
                }
            });
        });
        return flat.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    private static void flatten(String path, JsonNode node, Map<String, String> flat) {
        if (node instanceof ObjectNode object) {
            object.forEachEntry((key, value) -> flatten(path.isEmpty() ? key : path + "." + key, value, flat));
        } else {
            flat.put(path, node.isNull() ? "" : node.toString());
        }
    }
}
