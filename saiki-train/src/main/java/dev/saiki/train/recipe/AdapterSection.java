package dev.saiki.train.recipe;

import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.Problems;
import dev.saiki.io.Suggestions;
import dev.saiki.io.yaml.SectionReader;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `adapter`: trains low-rank updates of linear maps (LoRA) and leaves the base model unchanged.
///
/// @param rank the rank of each update
/// @param alpha the scale of the updates times their rank: an update is `alpha / rank` times the product of
///     its two matrices
/// @param targets patterns that select the maps with an update; a pattern matches a map's name in
///     `model.safetensors` without `.weight`, or the last part of the name, such as `q_proj`
public record AdapterSection(int rank, double alpha, List<String> targets) {

    /// The default rank.
    public static final int DEFAULT_RANK = 8;

    /// The default alpha.
    public static final double DEFAULT_ALPHA = 16;

    /// The default targets: all linear maps of the layers.
    public static final List<String> DEFAULT_TARGETS = List.of("*_proj");

    private static final String KEY = "adapter";
    private static final String RANK = "rank";
    private static final String ALPHA = "alpha";
    private static final String TARGETS = "targets";

    /// Copies the list and checks the ranges.
    public AdapterSection {
        targets = List.copyOf(targets);
        RecipeChecks.atLeast(1, KEY + "." + RANK, rank);
        RecipeChecks.positive(KEY + "." + ALPHA, alpha);
        RecipeChecks.that(!targets.isEmpty(), KEY + "." + TARGETS, "a list of at least one pattern", "none");
    }

    /// Reads the section, if the recipe has one.
    static Optional<AdapterSection> readFrom(SectionReader root) {
        if (!root.has(KEY)) {
            return Optional.empty();
        }
        return root.section(KEY)
                .read(reader -> new AdapterSection(
                        reader.smallInteger(RANK, DEFAULT_RANK),
                        reader.number(ALPHA, DEFAULT_ALPHA),
                        reader.has(TARGETS) ? reader.texts(TARGETS) : DEFAULT_TARGETS));
    }

    void write(ObjectNode tree) {
        ObjectNode section = tree.putObject(KEY);
        section.put(RANK, rank);
        section.put(ALPHA, alpha);
        ArrayNode list = section.putArray(TARGETS);
        targets.forEach(list::add);
    }

    /// Rejects settings that cannot be combined with an adapter.
    ///
    /// @param shape the base's model
    /// @throws dev.saiki.io.InputException if there is no base, another setting also trains tensors or thresholds,
    ///     or a pattern matches no map
    void requireFits(
            ModelConfig shape,
            InitialisationSection initialisation,
            OptimizerSection optimizer,
            ScheduleSection schedule) {
        RecipeChecks.that(
                initialisation.from().isPresent(),
                "initialisation.from",
                "the base model of the adapter (--init-from DIR)",
                "nothing");
        RecipeChecks.that(
                optimizer.tensors() instanceof TrainedTensors.All,
                "optimizer.trained and optimizer.frozen",
                "left out with an adapter, since only the adapter is trained",
                optimizer.tensors());
        RecipeChecks.that(
                schedule.calibrateTokens() == 0,
                "schedule.calibrate_tokens",
                "0 with an adapter, which has no thresholds of its own",
                schedule.calibrateTokens());
        AdapterConfig _ = of(shape);
    }

    /// Selects the maps of a model that get an update.
    ///
    /// @param model the base
    /// @return the adapter's structure, with its maps in model order
    /// @throws dev.saiki.io.InputException if a pattern matches no map
    public AdapterConfig of(ModelConfig model) {
        List<String> maps = List.copyOf(AdapterTensors.maps(model).sequencedKeySet());
        Set<String> chosen = new LinkedHashSet<>();
        Problems problems = new Problems();
        for (String target : targets) {
            NamePattern pattern = new NamePattern(target);
            List<String> found = maps.stream()
                    .filter(map -> !pattern.among(List.of(map, map.substring(map.lastIndexOf('.') + 1)))
                            .isEmpty())
                    .toList();
            if (found.isEmpty()) {
                problems.add(KEY + "." + TARGETS + " must have patterns of linear maps of the layers, such as q_proj or"
                        + " model.layers.0.mlp.*, got " + target + ", which matches no map of this model"
                        + Suggestions.didYouMean(target, maps));
            }
            chosen.addAll(found);
        }
        problems.throwIfAny();
        return new AdapterConfig(
                rank, alpha, maps.stream().filter(chosen::contains).toList());
    }
}
