package dev.saiki.train;

import dev.saiki.text.dataset.LoaderPosition;

/// The read positions of a run.
///
/// @param own the next row of the run's text
/// @param ofTeacher the next row of the teacher's own text; if there is no such text, the first row
record TextPositions(LoaderPosition own, LoaderPosition ofTeacher) {

    /// The first row of each text.
    static final TextPositions START = new TextPositions(LoaderPosition.START, LoaderPosition.START);
}
