package dev.saiki.eval.tasks;

import dev.saiki.text.corpus.DataRow;
import java.util.List;
import java.util.function.Function;

/// One benchmark, as data: where its documents lie, what they ask, and what is measured.
///
/// @param name key in results files
/// @param source where its documents lie
/// @param shots where solved examples come from
/// @param description stands before everything, gap included
/// @param metrics what is measured
/// @param reader makes an item of a row; throws {@link dev.saiki.io.InputException} where columns are missing or wrong
public record Task(
        String name,
        TaskSource source,
        FewShotSource shots,
        String description,
        List<Metric> metrics,
        Function<DataRow, Item> reader)
        implements Suite {

    /// The version that results files name; as the harness's, from whose rules none of these tasks departs.
    public static final double VERSION = 1.0;

    /// Keeps its own copy.
    public Task {
        metrics = List.copyOf(metrics);
    }

    /// The source of solved examples.
    ///
    /// @param source the rows to take them from
    /// @param choice how they are chosen
    public record FewShotSource(TaskSource source, FewShotSelection choice) {}

    /// A way to choose solved examples.
    public enum FewShotSelection {
        /// Never any, whatever is asked for.
        NONE,
        /// The first ones, the same for every document.
        FIRST,
        /// Drawn anew for every document.
        DRAWN,
        /// The same, with one more drawn and then left out: the document itself, or else the last. So the
        /// harness does wherever it takes its examples from the split that it evaluates, and, by the way it
        /// compares names, also for tasks without a test split.
        DRAWN_WITH_SPARE
    }
}
