package dev.saiki.train.recipe;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The model of a recipe that starts from a checkpoint: the checkpoint's configuration, overridden by the keys of
/// the recipe.
///
/// A checkpoint without recursion gets one from the key `recursion`: all its layers are kept, and
/// `num_hidden_layers` follows from the number of times that the middle ones are applied.
final class ModelOnBase {

    private ModelOnBase() {}

    /// Applies the keys of a recipe to a checkpoint's configuration.
    ///
    /// @throws dev.saiki.io.InputException if the folder contains no model
    static ObjectNode overlaid(Path folder, ObjectNode section) {
        ModelConfig base = CheckpointDirectory.open(folder).config();
        boolean deepened = base.isVanilla() && section.hasNonNull("recursion");
        ObjectNode json = (deepened ? unrolled(base, section.path("recursion")) : base).toJson();
        if (deepened) {
            json.remove(List.of("architectures", "model_type"));
            ModelFamily family = base.architecture().family();
            if (family != ModelFamily.LLAMA) {
                json.put("base_model_type", family.key());
            }
        }
        JsonNode type = section.path("routing").path("type");
        if (!type.isMissingNode() && !Objects.equals(type, json.path("routing").path("type"))) {
            json.remove("routing"); // Keys of one routing mean nothing to another.
        }
        RecipeLayers.layKeys(json, section);
        return json;
    }

    /// The base with the layers of its block unrolled. Errors in the recursion are reported later, when the
    /// configuration is read.
    private static ModelConfig unrolled(ModelConfig base, JsonNode recursion) {
        int layers = base.numHiddenLayers();
        Optional<Recursion> read = new Problems().attempt(() -> {
            ParameterSharing sharing =
                    ParameterSharing.fromKey(recursion.path("sharing").asString(""), "recursion.sharing");
            int usual = sharing.usualUnsharedLayers();
            return new Recursion(
                    sharing,
                    recursion.path("num_recursions").asInt(0),
                    recursion.path("entry_layers").asInt(usual),
                    recursion.path("exit_layers").asInt(usual));
        });
        read.ifPresent(shape -> requireLayersForTheRecursion(shape, layers));
        return read.map(shape -> {
                    int ends = shape.unsharedLayers();
                    LayerMap map = LayerMap.of(shape, ends + (layers - ends) * shape.numRecursions());
                    return base.withLayers(map.uniqueOf());
                })
                .orElse(base);
    }

    /// There must be at least one unshared layer at each end, and one layer between them for the recursion.
    private static void requireLayersForTheRecursion(Recursion shape, int layers) {
        String sharing = shape.sharing().key();
        if (shape.sharing().hasUnsharedEnds() && layers < 3) {
            throw new InputException("model.recursion.sharing must be cycle for a base of " + layers
                    + (layers == 1 ? " layer" : " layers") + ", got " + sharing
                    + ", which needs at least 3 layers: one before"
                    + " the recursion, one in it and one after it");
        }
        if (shape.unsharedLayers() >= layers) {
            throw new InputException("model.recursion.entry_layers and model.recursion.exit_layers must be at least 1"
                    + " each and at most " + (layers - 1) + " together with sharing " + sharing
                    + ", since the base has "
                    + layers + " layers and the recursion needs one of them, got " + shape.entryLayers() + " and "
                    + shape.exitLayers());
        }
    }
}
