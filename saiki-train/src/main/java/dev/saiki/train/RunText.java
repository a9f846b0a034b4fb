package dev.saiki.train;

import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.TeacherSection;
import java.util.List;
import java.util.Optional;

/// A run's text, step by step: its own rows and the rows for its teacher. Each source has its own position, so
/// that reading one does not advance the other.
final class RunText {

    private final Recipe recipe;
    private final int stage;
    private final TrainingData.Rows own;
    private final Optional<Taught> ofTeacher;

    /// The teacher's own text.
    ///
    /// @param rows the rows from a position onwards
    /// @param sequences rows read per step
    private record Taught(TrainingData.Rows rows, int sequences) {}

    RunText(Recipe recipe, RunInputs inputs, TextPositions from) {
        this.recipe = recipe;
        this.stage = from.stage();
        this.own = inputs.data().stage(stage).rows(recipe, from.own());
        int sequences = recipe.teacher()
                .flatMap(TeacherSection::text)
                .map(TeacherSection.OwnText::sequences)
                .orElse(0);
        this.ofTeacher = inputs.teacher()
                .flatMap(TeacherCheckpoint::text)
                .map(text -> new Taught(text.rows(recipe, from.ofTeacher()), sequences));
    }

    /// Reads the rows for the next step.
    StepRows next() {
        int together = recipe.batch().microBatchSequences();
        return new StepRows(
                own.next(recipe.batch().sequences(), together),
                ofTeacher
                        .map(text -> text.rows().next(text.sequences(), Math.min(together, text.sequences())))
                        .orElse(List.of()));
    }

    TextPositions positions() {
        return new TextPositions(
                stage,
                own.position(),
                ofTeacher.map(text -> text.rows().position()).orElse(TextPositions.START.ofTeacher()));
    }
}
