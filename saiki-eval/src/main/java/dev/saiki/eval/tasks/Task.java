package dev.saiki.eval.tasks;

import dev.saiki.text.corpus.DataRow;
import java.util.List;
import java.util.function.Function;

/// A benchmark as data: the location of its documents, its questions, and its metrics.
///
/// @param name key in results files
/// @param source location of its documents
/// @param shots source of few-shot examples
/// @param description text before all else, with its separator
/// @param metrics the metrics
/// @param reader makes an item of a row; throws {@link dev.saiki.io.InputException} if columns are missing or
///     invalid
public record Task(
        String name,
        TaskSource source,
        FewShotSource shots,
        String description,
        List<Metric> metrics,
        Function<DataRow, Item> reader)
        implements Suite {

    /// The version in results files. It equals the harness's, since no task here departs from the harness's rules.
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
        /// No examples, whatever number is requested.
        NONE,
        /// The first ones, the same for every document.
        FIRST,
        /// Drawn again for every document.
        DRAWN,
        /// The same, with one more drawn and one left out: the document itself, or else the last. The harness does
        /// this for tasks that take their examples from the evaluated split and, because of its way of
        /// comparing names, also for tasks without a test split.
        DRAWN_WITH_SPARE
    }
}
