package dev.saiki.study.pilot;

import dev.saiki.io.yaml.Yaml;
import dev.saiki.model.Precision;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A pilot's plan: a Mixture-of-Recursions model and its baselines, at equal training FLOPs.
///
/// The baselines: three vanilla models, one with the Mixture-of-Recursions model's number of unrolled layers, one
/// with its number of stored layers (so equal parameters), and one with its mean number of layers per token (so
/// equal FLOPs per token); a recursive model of fixed depth; and the same Mixture-of-Recursions with a random
/// router.
///
/// @param options the options of the pilot
/// @param text size of the text
/// @param shape the models' size
/// @param precision number format of the trainings
/// @param forwardFlops forward FLOPs of each training
record PilotPlan(PilotOptions options, CorpusSize text, PilotSize shape, Precision precision, double forwardFlops) {

    /// The budget of a learning-rate trial, as a share of a training's budget.
    static final double TRIAL_SHARE = 0.1;

    /// The share of a training in which the learning rate decays: more than in a recipe, since pilots are short.
    private static final double DECAY_SHARE = 0.5;

    private static final double MINUTES_FOR_MORE_RATES = 60;
    private static final List<Double> TWO_RATES = List.of(0.75, 1.5);
    private static final List<Double> THREE_RATES = List.of(0.5, 1.0, 2.0);

    /// Minimum number of sequences in a batch, since small models learn most from many steps. The number doubles
    /// at a budget of {@link #DOUBLING_FLOPS}, and again whenever the budget grows by {@link #DOUBLING_FACTOR}.
    private static final int MIN_SEQUENCES = 2;

    private static final int MAX_SEQUENCES = 16;
    private static final double DOUBLING_FLOPS = 3e13;
    private static final double DOUBLING_FACTOR = 4;

    /// The optimizer's decay rate of squared gradients. A recipe's value of 0.95 averages over about twenty steps,
    /// which suffices for large batches; with a few hundred tokens per batch, an average over twenty steps is
    /// mostly noise.
    private static final double SECOND_MOMENT_DECAY = 0.99;

    private static final int ROWS = 400;
    private static final int SAMPLE_TOKENS = 80;
    private static final double SECONDS_OF_SPEED = 30;
    private static final double SHARE_OF_SPEED = 0.03;
    private static final double SECONDS_PER_MINUTE = 60;

    /// The plan as a file that `saiki study` reads.
    String toYaml() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        putTrainings(root);
        putEvaluation(root.putObject("evaluation"));
        return Yaml.write(root);
    }

    /// The same plan with only the first family, which is a vanilla model, and without evaluations.
    String firstFamily() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        putTrainings(root);
        ObjectNode families = (ObjectNode) root.path("families");
        families.retain(families.propertyNames().iterator().next());
        return Yaml.write(root);
    }

    private void putTrainings(ObjectNode root) {
        root.put("name", options.isBuiltIn() ? "pilot on the built-in corpus" : "pilot");
        ObjectNode preset = root.putObject("preset");
        preset.put("minutes", options.minutes());
        options.size().ifPresent(size -> preset.put("size", size));
        putData(root.putObject("data"));
        putSettings(root.putObject("settings"));
        root.putObject("schedule").put("decay_fraction", DECAY_SHARE);
        putSize(root.putObject("sizes").putObject(shape.name()).putObject("model"));
        putFamilies(root.putObject("families"));
        root.putArray("budgets").add(forwardFlops);
        ArrayNode seeds = root.putArray("seeds");
        LongStream.range(0, options.numSeeds()).forEach(i -> seeds.add(options.seed() + i));
        ObjectNode sweep = root.putObject("sweep");
        sweep.put("size", shape.name());
        sweep.put("budget", forwardFlops * TRIAL_SHARE);
    }

    private void putData(ObjectNode data) {
        if (options.isBuiltIn()) {
            data.put("corpus", "built_in");
            data.put("join_lines", true);
        } else {
            ArrayNode paths = data.putArray("corpus");
            options.absoluteCorpus().forEach(path -> paths.add(path.toString()));
        }
        text.pieceCharacters().ifPresent(length -> data.put("piece_characters", length));
        data.put("vocab_size", text.vocabSize(shape.vocabSize()));
        data.put("validation_fraction", text.heldOutShare());
    }

    private void putSettings(ObjectNode settings) {
        settings.putObject("model").put("initializer_range", shape.initializerRange());
        int sequences = MIN_SEQUENCES;
        for (double from = DOUBLING_FLOPS; forwardFlops >= from && sequences < MAX_SEQUENCES; from *= DOUBLING_FACTOR) {
            sequences *= 2;
        }
        ObjectNode batch = settings.putObject("batch");
        batch.put("sequences", sequences);
        batch.put("micro_batch_sequences", sequences / 2);
        settings.putObject("optimizer").put("beta2", SECOND_MOMENT_DECAY);
        settings.putObject("precision").put("compute", precision.name().toLowerCase(Locale.ROOT));
    }

    private void putSize(ObjectNode model) {
        model.put("hidden_size", shape.hiddenSize());
        model.put("intermediate_size", shape.intermediateSize());
        model.put("num_attention_heads", shape.heads());
        model.put("num_key_value_heads", shape.keyValueHeads());
        model.put("head_dim", shape.headDim());
    }

    private void putFamilies(ObjectNode families) {
        int unrolled = shape.unrolledLayers();
        List<String> opponents = List.of(
                "vanilla-" + unrolled,
                "vanilla-" + shape.uniqueLayers(),
                "vanilla-" + shape.meanLayers(),
                "recursive-" + PilotSize.RECURSIONS,
                "random-" + PilotSize.RECURSIONS);
        putFamily(families, opponents.get(0), "small-vanilla", unrolled);
        putFamily(families, opponents.get(1), "small-vanilla", shape.uniqueLayers());
        putFamily(families, opponents.get(2), "small-vanilla", shape.meanLayers());
        putFamily(families, opponents.get(3), "small-recursive3", unrolled)
                .putArray("compare_with")
                .add(opponents.get(1));
        putFamily(families, opponents.get(4), "small-random3", unrolled);
        ObjectNode routed = putFamily(families, "MoR-" + PilotSize.RECURSIONS, "small-mor3-threshold", unrolled);
        ArrayNode compared = routed.putArray("compare_with");
        opponents.forEach(compared::add);
    }

    private ObjectNode putFamily(ObjectNode families, String name, String recipe, int layers) {
        ObjectNode family = families.putObject(name);
        family.put("recipe", recipe);
        family.putArray("compare_with");
        family.putObject("settings").putObject("model").put("num_hidden_layers", layers);
        ArrayNode rates = family.putArray("learning_rates");
        List<Double> factors = options.minutes() < MINUTES_FOR_MORE_RATES ? TWO_RATES : THREE_RATES;
        factors.forEach(factor -> rates.add(Math.rint(1e6 * factor * shape.learningRate()) / 1e6));
        return family;
    }

    private void putEvaluation(ObjectNode evaluation) {
        evaluation.put("rows", ROWS);
        ObjectNode more = evaluation.putObject("more");
        for (double effort : List.of(0.2, 0.5, 0.8, 1.0)) {
            ObjectNode setting = more.putObject("effort-" + effort);
            setting.put("kind", "held_out");
            setting.put("effort", effort);
        }
        ObjectNode writing = evaluation.putObject("writing");
        writing.put("tokens", SAMPLE_TOKENS);
        writing.put("seconds", secondsOfSpeed(options.minutes()));
    }

    /// The duration, in seconds, of the measurement of decoding speeds.
    static double secondsOfSpeed(double minutes) {
        return Math.clamp(SHARE_OF_SPEED * minutes * SECONDS_PER_MINUTE, 1, SECONDS_OF_SPEED);
    }
}
