package dev.saiki.train;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.provenance.TeacherOrigin;
import dev.saiki.model.ModelWeights;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The checkpoint `last` or `best` of a run, with its manifest.
///
/// @param recipe the run's
/// @param inputs its data and tokenizer
/// @param base the model that the run started from, if any
/// @param companions files to copy from that model, such as its chat template
/// @param onePass the certified one-pass model, if any
/// @param teacher the teacher model, if any
record RunCheckpoint(
        Recipe recipe,
        RunInputs inputs,
        Optional<BaseModel> base,
        SequencedMap<String, byte[]> companions,
        Optional<OnePassBase> onePass,
        Optional<TeacherOrigin> teacher) {

    static RunCheckpoint of(Recipe recipe, RunInputs inputs, RunDirectory folder) throws IOException {
        return new RunCheckpoint(
                recipe, inputs, folder.base(), folder.companions(), folder.onePass(), folder.teacher());
    }

    /// Writes the checkpoint, replacing the existing one.
    ///
    /// @param directory its folder
    /// @param weights the weights
    /// @param state the state of the run
    /// @param validation the last validation
    /// @param lossesAtDepths the loss at each uniform depth; may be empty
    void write(
            Path directory,
            ModelWeights weights,
            RunState state,
            Optional<ValidationReport> validation,
            List<Double> lossesAtDepths)
            throws IOException {
        Manifest trained = Manifest.now(
                        Optional.of(recipe.toYaml()),
                        Optional.of(inputs.data().hash()),
                        state.tokensSeen(),
                        state.step(),
                        CheckpointMetrics.of(recipe, state, validation))
                .withUniformDepths(lossesAtDepths)
                .withBase(base)
                .withOnePass(onePass.flatMap(known -> known.certificate(weights.config(), weights.stored())))
                .withTeacher(teacher);
        if (weights.adapter().isPresent()) {
            AdapterDirectory.write(directory, weights.adapter().get(), weights.stored(), trained);
            return;
        }
        int recursions = weights.config().numRecursions();
        boolean isDeepened =
                base.filter(model -> model.isDeepenedBy(recursions)).isPresent();
        SequencedMap<String, byte[]> files = new LinkedHashMap<>(companions);
        files.put(TokenDataset.TOKENIZER_FILE, Files.readAllBytes(inputs.tokenizerFile()));
        CheckpointDirectory.write(
                directory,
                weights.config(),
                weights.stored(),
                files,
                // Users trust the base's one pass, so that it stays the reference until they choose another depth.
                isDeepened ? trained.withReferenceDepth(1) : trained);
    }
}
