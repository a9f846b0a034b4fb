package dev.saiki.train.deepening;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A model without recursion, and the recursion to add: all layers of the model are kept, and the recursion
/// steps share the middle layers.
///
/// @param base the model without recursion
/// @param recursion the recursion over the base's middle layers
public record Deepening(ModelConfig base, Recursion recursion) {

    /// Checks that at least one layer remains for the recursion.
    ///
    /// @throws InputException if no layer of the base remains for the recursion
    public Deepening {
        int layers = base.numHiddenLayers();
        String sharing = recursion.sharing().key();
        if (recursion.sharing().hasUnsharedEnds() && layers < 3) {
            throw new InputException("model.recursion.sharing must be cycle for a base of " + layers
                    + (layers == 1 ? " layer" : " layers") + ", got " + sharing
                    + ", which needs at least 3 layers: one before the recursion, one in it and one after it");
        }
        if (recursion.unsharedLayers() >= layers) {
            throw new InputException("model.recursion.entry_layers and model.recursion.exit_layers must be at least 1"
                    + " each and at most " + (layers - 1) + " in total with sharing " + sharing
                    + ", since the base has " + layers + " layers and the recursion needs one of them, got "
                    + recursion.entryLayers() + " and " + recursion.exitLayers());
        }
    }

    /// Reads the layout of a recursion.
    ///
    /// @param section the recipe's section `model.recursion`
    /// @return empty if a key is missing or malformed; reading the configuration reports that error
    public static Optional<Recursion> layout(JsonNode section) {
        return new Problems().attempt(() -> {
            ParameterSharing sharing =
                    ParameterSharing.fromKey(section.path("sharing").asString(""), "recursion.sharing");
            int usual = sharing.usualUnsharedLayers();
            return new Recursion(
                    sharing,
                    section.path("num_recursions").asInt(0),
                    section.path("entry_layers").asInt(usual),
                    section.path("exit_layers").asInt(usual));
        });
    }

    /// Unrolls the base: repeats the layers of the recursion once for each step.
    ///
    /// @return a configuration without recursion
    public ModelConfig unrolled() {
        int ends = recursion.unsharedLayers();
        int inRecursion = base.numHiddenLayers() - ends;
        return base.withLayers(LayerMap.of(recursion, ends + inRecursion * recursion.numRecursions())
                .uniqueOf());
    }

    /// Checks that a model with this recursion initially computes the same as the base; for that, each step
    /// must have a gate, and the layers must be those of the base.
    ///
    /// @param model the model to train
    /// @throws InputException if the model does not fit the base; the message lists all reasons
    public void requireFits(ModelConfig model) {
        Problems problems = new Problems();
        if (!recursion.stepGates()) {
            problems.add("recursion.step_gates must be true where the base has no recursion, so that the model"
                    + " initially computes the same as the base");
        }
        int own = model.layerMap().numUnique();
        Architecture unrolled = unrolled().architecture();
        if (own != base.numHiddenLayers()) {
            problems.add("num_hidden_layers: the base has " + base.numHiddenLayers()
                    + " layers, and the recipe's model has " + own + " distinct layers, "
                    + model.layerMap().blockSize()
                    + " of them in the recursion; leave num_hidden_layers out");
        } else if (!model.architecture().equals(unrolled)) {
            problems.add(
                    "the architecture is " + unrolled + " in the base and " + model.architecture() + " in the recipe");
        }
        problems.throwIfAny();
    }
}
