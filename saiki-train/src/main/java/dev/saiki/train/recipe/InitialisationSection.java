package dev.saiki.train.recipe;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `initialisation`: what a run begins with, beside what its seed draws.
///
/// @param stepGate the gate of each recursion step after the first, for a model with `recursion.step_gates`: 1 takes
///     a step whole; with 0 every depth begins as one pass
public record InitialisationSection(double stepGate) {

    /// The section of a recipe that says nothing.
    public static final InitialisationSection DEFAULT = new InitialisationSection(ModelWeights.DEFAULT_STEP_GATE);

    private static final String STEP_GATE = "step_gate";

    static InitialisationSection read(SectionReader reader, boolean hasStepGates) {
        double gate = reader.number(STEP_GATE, DEFAULT.stepGate());
        RecipeChecks.fraction(reader.pathOf(STEP_GATE), gate);
        if (reader.has(STEP_GATE) && !hasStepGates) {
            throw new InputException(reader.pathOf(STEP_GATE) + " is for models with recursion.step_gates: true");
        }
        return new InitialisationSection(gate);
    }

    /// Writes what the model has a use for.
    void write(ObjectNode tree, ModelConfig model) {
        if (model.hasStepGates()) {
            tree.putObject("initialisation").put(STEP_GATE, stepGate);
        }
    }
}
