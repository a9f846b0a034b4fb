package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.io.InputException;
import dev.saiki.model.FullDepth;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki describe`: a model's structure and cost, from its configuration, and its origin.
@Command(name = "describe")
public final class DescribeCommand extends JsonCommand {

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(names = "--set", paramLabel = "KEY=VALUE", arity = "1..*")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--memory")
    private boolean memory;

    /// The source of the configuration: either a recipe or a model.
    private static final class Source {
        @Option(names = "--recipe", paramLabel = "FILE", required = true)
        private @Nullable Path recipe;

        @Option(names = "--model", paramLabel = "DIR", required = true)
        private @Nullable Path model;
    }

    @Override
    protected void run() {
        Optional<CheckpointDirectory> checkpoint = checkpoint();
        Optional<Recipe> recipe = recipe();
        ModelConfig config =
                checkpoint.map(CheckpointDirectory::config).orElseGet(() -> Recipes.modelOf(recipe.orElseThrow()));
        Optional<DepthScheduleText> depths = recipe.flatMap(DepthScheduleText::of);
        Optional<ProvenanceText> provenance = checkpoint.map(ProvenanceText::of);
        Accounting accounting = Accounting.of(config);
        // The recipe, if the cost of training differs from the model's own cost, so that both are shown.
        Optional<Recipe> trainedOtherwise = recipe.filter(
                run -> run.objective().fullDepth().isPresent() || run.teacher().isPresent());
        if (json) {
            ObjectNode root = toJson(config, accounting);
            depths.ifPresent(scheduled -> scheduled.write(root));
            trainedOtherwise.ifPresent(run -> root.withObject("/flops_per_token")
                    .put("training_forward", Math.round(run.forwardFlopsPerToken())));
            recipe.flatMap(run -> FrozenText.trainedParameters(config, run))
                    .ifPresent(some -> ((ObjectNode) root.get("parameters")).put("trained", some));
            trainingMemory(config, recipe).ifPresent(text -> text.write(root));
            provenance.ifPresent(known -> known.write(root));
            println(JsonOutput.document(root));
        } else {
            print(config, accounting);
            depths.ifPresent(scheduled -> row("training", scheduled.line()));
            trainedOtherwise.ifPresent(this::printTraining);
            recipe.flatMap(run -> FrozenText.of(config, run)).ifPresent(text -> row("trained", text));
            trainingMemory(config, recipe).ifPresent(text -> row("memory", text.line()));
            provenance.ifPresent(known -> known.rows().forEach(row -> row(row.name(), row.value())));
        }
    }

    private Optional<CheckpointDirectory> checkpoint() {
        if (source.model == null) {
            return Optional.empty();
        }
        if (!overrides.isEmpty()) {
            throw new InputException("--set changes a recipe, so it needs --recipe, got --model");
        }
        return Optional.of(CheckpointDirectory.open(BuiltInModel.folderOf(source.model, console.environment())));
    }

    private Optional<MemoryText> trainingMemory(ModelConfig config, Optional<Recipe> recipe) {
        if (memory && recipe.isEmpty()) {
            throw new InputException("--memory estimates a training, so it needs --recipe, got --model");
        }
        return recipe.filter(_ -> memory).map(run -> MemoryText.of(config, run));
    }

    private Optional<Recipe> recipe() {
        return Optional.ofNullable(source.recipe).map(file -> Recipes.load(file, overrides, console));
    }

    private void printTraining(Recipe recipe) {
        String share = recipe.objective()
                .fullDepth()
                .map(FullDepth::share)
                .map(part -> "; " + Math.round(100 * part)
                        + "% of the micro-batches at full depth, including their additional exits")
                .orElse("");
        row(
                "training",
                NumberFormats.count(Math.round(recipe.forwardFlopsPerToken())) + " FLOPs per token, forward, at "
                        + NumberFormats.count(recipe.batch().sequenceLength()) + " tokens a sequence" + share
                        + (recipe.teacher().isPresent() ? "; including the teacher" : ""));
        recipe.teacher().ifPresent(teacher -> row("teacher", TeacherText.of(teacher, recipe)));
    }

    private static ObjectNode toJson(ModelConfig config, Accounting accounting) {
        ObjectNode root = JsonOutput.object();
        ObjectNode parameters = root.putObject("parameters");
        parameters.put("total", accounting.totalParameters());
        parameters.put("non_embedding", accounting.nonEmbeddingParameters());
        root.putObject("flops_per_token").put("forward", Math.round(accounting.forwardFlopsPerToken()));
        putNumber(root, "cache_bytes_per_token", accounting.cacheBytesPerToken());
        accounting.layers().forEach(root.putArray("layers")::add);
        root.put("num_recursions", config.numRecursions());
        config.capacities().forEach(root.putArray("capacity")::add);
        new ArchitectureText(config).write(root);
        root.set("config", config.toJson());
        return root;
    }

    private static void putNumber(ObjectNode object, String key, double value) {
        if (value == Math.rint(value)) {
            object.put(key, (long) value);
        } else {
            object.put(key, value);
        }
    }

    private void print(ModelConfig config, Accounting accounting) {
        LayerMap layers = config.layerMap();
        long embedding = accounting.totalParameters() - accounting.nonEmbeddingParameters();
        row("model", summary(config));
        row(
                "shape",
                "hidden size " + config.hiddenSize() + ", intermediate size " + config.intermediateSize() + ", "
                        + config.numAttentionHeads() + " heads (" + config.numKeyValueHeads() + " for keys and values)"
                        + " of " + config.headDim());
        ArchitectureText text = new ArchitectureText(config);
        row("family", text.layers());
        row("positions", text.positions());
        row("window", text.window());
        row(
                "vocabulary",
                NumberFormats.count(config.vocabSize())
                        + (config.tieWordEmbeddings() ? ", embedding and head tied" : ", separate embedding and head")
                        + config.architecture().embeddingSize().stream()
                                .mapToObj(size -> ", embedding of size " + NumberFormats.count(size) + ", projected")
                                .collect(Collectors.joining()));
        row(
                "parameters",
                NumberFormats.count(accounting.nonEmbeddingParameters()) + " non-embedding + "
                        + NumberFormats.count(embedding) + " embedding = "
                        + NumberFormats.count(accounting.totalParameters()));
        row(
                "FLOPs",
                NumberFormats.count(Math.round(accounting.forwardFlopsPerToken())) + " per token, forward, at context "
                        + NumberFormats.count(config.maxPositionEmbeddings()) + ", without embedding and head");
        row("cache", NumberFormats.count(Math.round(accounting.cacheBytesPerToken())) + " bytes per token");
        row(
                "capacity",
                config.capacities().stream()
                        .map(share -> NumberFormats.text("%.3f", share))
                        .collect(Collectors.joining(" ")));
        row("layers", config.numHiddenLayers() + " unrolled, " + layers.numUnique() + " unique: " + map(layers));
    }

    private static String summary(ModelConfig config) {
        if (config.recursion().isEmpty()) {
            return config.architecture().family() == ModelFamily.LLAMA
                    ? "vanilla Llama"
                    : "vanilla " + config.architecture().family().key();
        }
        Recursion recursion = config.recursion().get();
        String kind = config.routing() instanceof Routing.None ? "recursive, fixed depth" : "mixture of recursions";
        return kind + ", " + recursion.numRecursions() + " recursions, "
                + recursion.sharing().key() + ends(recursion) + routing(config) + ", kv_sharing "
                + config.kvSharing().key();
    }

    private static String ends(Recursion recursion) {
        String ends = recursion.hasUsualEnds()
                ? ""
                : ", " + recursion.entryLayers() + " entry and " + recursion.exitLayers() + " exit layers";
        return ends
                + (recursion.stepGates() ? ", step gates" : "")
                + recursion
                        .stepLora()
                        .map(lora -> ", low-rank updates of steps (rank " + lora.rank() + ")")
                        .orElse("")
                + (recursion.stepNorms() ? ", norms of steps" : "")
                + (recursion.injection() ? ", injection" : "");
    }

    private static String routing(ModelConfig config) {
        return switch (config.routing()) {
            case Routing.None none -> "";
            case Routing.ExpertChoice expert ->
                ", expert_choice (" + expert.router().type().key() + ")";
            case Routing.TokenChoice token ->
                ", token_choice (" + token.router().type().key() + ")";
            case Routing.ExpertThreshold expert ->
                ", expert_threshold (" + expert.router().type().key() + ", efforts from "
                        + expert.effortGrid().getFirst() + " to 1)";
            case Routing.Random random -> ", random";
        };
    }

    /// The layer map with a bar at each end of a recursion step, such as `0 | 1 2 3 | 1 2 3 | 4`.
    private static String map(LayerMap layers) {
        StringBuilder text = new StringBuilder();
        List<Integer> uniqueOf = layers.uniqueOf();
        int first = layers.firstShared();
        int size = layers.blockSize();
        int end = layers.endOfShared();
        for (int layer = 0; layer < uniqueOf.size(); layer++) {
            boolean startsStep = layer >= first && layer <= end && (layer - first) % size == 0;
            text.append(layer == 0 ? "" : startsStep ? " | " : " ").append(uniqueOf.get(layer));
        }
        return text.toString();
    }
}
