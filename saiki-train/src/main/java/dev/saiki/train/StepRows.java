package dev.saiki.train;

import dev.saiki.model.TrainingRows;
import java.util.List;

/// The micro-batches of a training step, those of a teacher's own text included.
///
/// @param own the micro-batches of the run's text
/// @param ofTeacher the micro-batches of the teacher's own text, on which only the teacher's loss is computed
record StepRows(List<TrainingRows> own, List<TrainingRows> ofTeacher) {

    /// Whether the run mixes text, in which every token is a target, with conversations, in which only answers are
    /// targets.
    boolean isMixed() {
        return own.stream().anyMatch(rows -> rows.weights().isEmpty())
                && own.stream().anyMatch(rows -> rows.weights().isPresent());
    }

    /// Returns the rows of a step without text for a teacher.
    static StepRows of(List<int[][]> microBatches) {
        return new StepRows(microBatches.stream().map(TrainingRows::of).toList(), List.of());
    }
}
