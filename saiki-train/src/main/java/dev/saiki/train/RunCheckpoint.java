package dev.saiki.train;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.model.ModelWeights;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The checkpoint `last` or `best` of a run, with its manifest.
///
/// @param recipe the run's recipe
/// @param inputs the run's data and tokenizer
/// @param run the run's folder, which records the base and the teacher
record RunCheckpoint(Recipe recipe, RunInputs inputs, RunDirectory run) {

    /// Writes the checkpoint, replacing the existing one.
    ///
    /// @param directory the folder of the checkpoint
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
        Optional<OnePassCertificate> onePass =
                run.onePass().flatMap(base -> base.certificate(weights.config(), weights.stored()));
        Manifest trained = Manifest.now(
                        Optional.of(recipe.toYaml()),
                        Optional.of(inputs.data().hash()),
                        state.tokensSeen(),
                        state.step(),
                        CheckpointMetrics.of(recipe, state, validation))
                .withUniformDepths(lossesAtDepths)
                .withBase(run.base())
                .withOnePass(onePass)
                .withTeacher(run.teacher());
        if (weights.adapter().isPresent()) {
            AdapterDirectory.write(directory, weights.adapter().get(), weights.stored(), trained);
            return;
        }
        SequencedMap<String, byte[]> files = run.companions();
        files.put(TokenDataset.TOKENIZER_FILE, Files.readAllBytes(inputs.tokenizerFile()));
        CheckpointDirectory.write(
                directory,
                weights.config(),
                weights.stored(),
                files,
                // Depth 1, the base's single pass, is the reference depth until the user chooses another depth.
                onePass.isPresent() ? trained.withReferenceDepth(1) : trained);
    }
}
