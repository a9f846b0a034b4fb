package dev.saiki.train.recipe;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.model.ModelWeights;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `initialisation`: the initial weights that the seed does not determine.
///
/// @param from the checkpoint that provides the initial weights; relative paths start at the working directory
/// @param stepGate the initial gate of each recursion step after the first, for a model with
///     `recursion.step_gates`. The default is 1 (no gating) for fresh weights, and 0 (every depth starts as
///     one pass) for a run from a checkpoint. Gates in the checkpoint are kept
/// @param injection the initial injection, for a model with `recursion.injection`: the share that a token's
///     state on entering the recursion has in the input of each later step, the rest being the token's
///     current state; empty for the default, a tenth. Values in the checkpoint are kept
public record InitialisationSection(Optional<Path> from, double stepGate, OptionalDouble injection) {

    /// The section with all defaults.
    public static final InitialisationSection DEFAULT =
            new InitialisationSection(Optional.empty(), ModelWeights.DEFAULT_STEP_GATE, OptionalDouble.empty());

    private static final String FROM = "from";
    private static final String STEP_GATE = "step_gate";
    private static final String INJECTION = "injection";

    /// Reads the section.
    ///
    /// @param model the model; empty if the model could not be read, so that settings are not checked against
    ///     it
    static InitialisationSection read(SectionReader reader, Optional<ModelConfig> model) {
        boolean hasStepGates = model.map(ModelConfig::hasStepGates).orElse(true);
        Optional<Path> from = reader.path(FROM);
        double usualGate = from.isPresent() && hasStepGates ? 0 : ModelWeights.DEFAULT_STEP_GATE;
        Optional<Double> gate = reader.attempt(() -> {
            double given = reader.number(STEP_GATE, usualGate);
            RecipeChecks.fraction(reader.pathOf(STEP_GATE), given);
            requireSupport(reader, STEP_GATE, hasStepGates, "recursion.step_gates");
            return given;
        });
        Optional<OptionalDouble> injection = reader.attempt(() -> {
            OptionalDouble share = reader.optionalNumber(INJECTION);
            share.ifPresent(given ->
                    RecipeChecks.that(given > 0 && given < 1, reader.pathOf(INJECTION), "above 0 and below 1", given));
            requireSupport(
                    reader, INJECTION, model.map(InitialisationSection::injects).orElse(true), "recursion.injection");
            return share;
        });
        return new InitialisationSection(from, gate.orElse(usualGate), injection.orElse(OptionalDouble.empty()));
    }

    private static void requireSupport(SectionReader reader, String key, boolean isSupported, String modelKey) {
        InputException.require(
                !reader.has(key) || isSupported, reader.pathOf(key) + " is for models with " + modelKey + ": true");
    }

    private static boolean injects(ModelConfig model) {
        return model.recursion().map(Recursion::injection).orElse(false);
    }

    /// Writes the settings that apply to the run.
    void write(ObjectNode tree, ModelConfig model) {
        if (from.isEmpty() && !model.hasStepGates() && injection.isEmpty()) {
            return;
        }
        ObjectNode section = tree.putObject("initialisation");
        from.ifPresent(path -> section.put(FROM, path.toString()));
        if (model.hasStepGates()) {
            section.put(STEP_GATE, stepGate);
        }
        injection.ifPresent(share -> section.put(INJECTION, share));
    }
}
