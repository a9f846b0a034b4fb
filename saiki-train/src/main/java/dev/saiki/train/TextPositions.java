package dev.saiki.train;

import dev.saiki.text.dataset.LoaderPosition;

/// The read positions of a run.
///
/// @param stage the number of datasets of a curriculum that the run has finished
/// @param own the next row of the run's text
/// @param ofTeacher the next row of the teacher's own text; if there is no such text, the first row
record TextPositions(int stage, LoaderPosition own, LoaderPosition ofTeacher) {

    /// The first row of each text.
    static final TextPositions START = new TextPositions(0, LoaderPosition.START, LoaderPosition.START);

    /// The first row of the next dataset of a curriculum.
    TextPositions promoted() {
        return new TextPositions(stage + 1, LoaderPosition.START, ofTeacher);
    }
}
