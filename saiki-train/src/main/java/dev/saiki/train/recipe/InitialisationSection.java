package dev.saiki.train.recipe;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `initialisation`: what a run begins with, beside what its seed draws.
///
/// @param from the checkpoint whose weights the run starts from; relative paths start at the working directory
/// @param stepGate the gate of each recursion step after the first, for a model with `recursion.step_gates`: 1
///     takes a step whole and is usual for fresh weights; 0 lets every depth begin as one pass and is usual where a
///     run starts from a checkpoint. Gates that a checkpoint has are taken over
public record InitialisationSection(Optional<Path> from, double stepGate) {

    /// The section of a recipe that says nothing.
    public static final InitialisationSection DEFAULT =
            new InitialisationSection(Optional.empty(), ModelWeights.DEFAULT_STEP_GATE);

    private static final String FROM = "from";
    private static final String STEP_GATE = "step_gate";

    static InitialisationSection read(SectionReader reader, boolean hasStepGates) {
        Optional<Path> from = reader.path(FROM);
        double gate = reader.number(STEP_GATE, from.isPresent() && hasStepGates ? 0 : ModelWeights.DEFAULT_STEP_GATE);
        RecipeChecks.fraction(reader.pathOf(STEP_GATE), gate);
        if (reader.has(STEP_GATE) && !hasStepGates) {
            throw new InputException(reader.pathOf(STEP_GATE) + " is for models with recursion.step_gates: true");
        }
        return new InitialisationSection(from, gate);
    }

    /// Writes what the run has a use for.
    void write(ObjectNode tree, ModelConfig model) {
        if (from.isEmpty() && !model.hasStepGates()) {
            return;
        }
        ObjectNode section = tree.putObject("initialisation");
        from.ifPresent(path -> section.put(FROM, path.toString()));
        if (model.hasStepGates()) {
            section.put(STEP_GATE, stepGate);
        }
    }
}
