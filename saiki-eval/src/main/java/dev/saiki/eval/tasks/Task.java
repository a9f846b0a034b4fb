package dev.saiki.eval.tasks;

import dev.saiki.text.corpus.DataRow;
import java.util.List;
import java.util.function.Function;

/// A benchmark as data: the location of its documents, its questions, and its metrics.
///
/// @param name the key in results files
/// @param source location of the documents
/// @param shots source of few-shot examples
/// @param description text before the examples and the question, with its separator
/// @param metrics the metrics
/// @param reader converts a row into an item; throws {@link dev.saiki.io.InputException} if columns are
///     missing or invalid
public record Task(
        String name,
        TaskSource source,
        FewShotSource shots,
        String description,
        List<Metric> metrics,
        Function<DataRow, Item> reader)
        implements Suite {

    /// The version in results files. The version equals the harness's, since all tasks follow the harness's rules.
    public static final double VERSION = 1.0;

    /// Copies the list.
    public Task {
        metrics = List.copyOf(metrics);
    }

    /// The source of few-shot examples.
    ///
    /// @param source the rows to sample from
    /// @param choice method of choosing examples
    public record FewShotSource(TaskSource source, FewShotSelection choice) {}

    /// A method of choosing few-shot examples.
    public enum FewShotSelection {
        /// No examples, even if some are requested.
        NONE,
        /// The first examples of the source, the same for every document.
        FIRST,
        /// Examples that are drawn again for every document.
        DRAWN,
        /// The examples are drawn again for every document, with one spare example. If the document itself is
        /// drawn, it is removed; otherwise the last example is removed. The harness does this for tasks that
        /// take their examples from the evaluated split and, because of the way it compares names, also for
        /// tasks without a test split.
        DRAWN_WITH_SPARE
    }
}
