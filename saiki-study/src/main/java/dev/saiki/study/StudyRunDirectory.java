package dev.saiki.study;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.train.RunDirectory;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The folder of one run, with its recipe, its states and its checkpoint.
///
/// @param run the planned run
/// @param folder folder of the run
record StudyRunDirectory(PlannedRun run, Path folder) {

    /// The recipe keys with paths that may change, because the study's folder may move between sessions.
    static final List<String> PLACES = List.of("data.dataset", "schedule.cooldown_from");

    /// The checkpoint to evaluate, which is the last one: its learning rate has decayed fully, and choosing
    /// the best checkpoint by held-out loss would bias the result.
    Path checkpoint() {
        return new RunDirectory(folder).last();
    }

    /// Opens the checkpoint; if the run trained an adapter, opens the base with the adapter merged into the
    /// weights.
    CheckpointDirectory model() {
        return model(run.recipe(), checkpoint());
    }

    /// Opens a checkpoint; for an adapter, opens the base with the adapter merged into the weights.
    ///
    /// @param recipe recipe of the model's training
    /// @param checkpoint the model's folder
    static CheckpointDirectory model(Recipe recipe, Path checkpoint) {
        if (recipe.adapter().isEmpty()) {
            return CheckpointDirectory.open(checkpoint);
        }
        Path base = recipe.initialisation().from().orElseThrow();
        return AdapterMerge.of(CheckpointDirectory.open(base), AdapterDirectory.open(checkpoint));
    }

    /// The recipe for the results, without paths.
    String recipe() {
        List<String> without = PLACES.stream().map(key -> key + "=").toList();
        return Recipe.parse(run.recipe().toYaml(), without).toYaml();
    }

    /// Rejects results of another recipe.
    ///
    /// @param recipe an earlier result of {@link #recipe}
    /// @param where the file that holds the earlier result
    /// @throws InputException naming the differences
    void requireSame(String recipe, Path where) {
        requireSame(Recipe.parse(recipe, List.of()), where);
    }

    private void requireSame(Recipe trained, Path where) {
        List<String> differences = run.recipe().differences(trained, PLACES);
        if (!differences.isEmpty()) {
            throw new InputException(where + ": was trained with another plan (" + String.join("; ", differences)
                    + "); use another folder for the changed plan");
        }
    }

    /// Whether all steps are taken, and the checkpoint exists.
    ///
    /// @throws InputException if the folder holds a run of another recipe
    boolean isComplete() {
        if (!isStarted()) {
            return false;
        }
        requireSame(Recipe.load(new RunDirectory(folder).recipe(), List.of()), folder);
        if (!Files.isDirectory(checkpoint())) {
            return false;
        }
        Optional<Manifest> manifest = model().manifest();
        return manifest.isPresent() && manifest.get().step() >= run.steps();
    }

    /// Whether the run has started, that is, has or had a state to resume from.
    boolean isStarted() {
        return Files.exists(new RunDirectory(folder).recipe());
    }

    /// Whether the run can start or resume. It cannot start if the state that it branches off from no longer
    /// exists.
    boolean canResume() {
        return isStarted()
                || run.recipe()
                        .schedule()
                        .cooldownFrom()
                        .map(Files::isDirectory)
                        .orElse(true);
    }

    /// Removes the states, which are several times as large as the checkpoint, once no run will resume from
    /// them any more.
    void removeStates() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> states;
        try (Stream<Path> children = Files.list(folder)) {
            states = children.filter(child -> {
                        String name = String.valueOf(child.getFileName());
                        return name.startsWith(RunDirectory.STATE_PREFIX) || name.equals(RunDirectory.BEST);
                    })
                    .toList();
        }
        for (Path state : states) {
            AtomicFiles.deleteRecursively(state);
        }
    }
}
