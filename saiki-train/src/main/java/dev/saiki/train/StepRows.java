package dev.saiki.train;

import dev.saiki.model.TrainingRows;
import java.util.List;

/// The micro-batches of a training step.
///
/// @param own those of the run's text
/// @param taught those of the teacher's own text, which only the teacher's loss is computed on
record StepRows(List<TrainingRows> own, List<TrainingRows> taught) {

    /// Keeps its own copies.
    StepRows {
        own = List.copyOf(own);
        taught = List.copyOf(taught);
    }

    /// Whether the run's own rows are text, learnt completely, beside conversations, learnt in part.
    boolean isMixed() {
        return own.stream().anyMatch(rows -> rows.learnt().isEmpty())
                && own.stream().anyMatch(rows -> rows.learnt().isPresent());
    }

    /// Makes the rows of a step without text of a teacher.
    static StepRows of(List<int[][]> microBatches) {
        return new StepRows(microBatches.stream().map(TrainingRows::of).toList(), List.of());
    }
}
