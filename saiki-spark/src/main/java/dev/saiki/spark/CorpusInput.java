package dev.saiki.spark;

import dev.saiki.io.InputException;
import java.util.List;

/// The files of a corpus, and their distribution over tasks.
///
/// @param paths files, folders or globs, on file systems that all machines can access
/// @param textField the field (JSONL) or column (Parquet) that holds the text
/// @param partBytes the size above which JSON Lines files without compression are divided
/// @param partitions maximum number of tasks that read parts; 0 for one per part
public record CorpusInput(List<String> paths, String textField, long partBytes, int partitions) {

    /// The default size of parts.
    public static final long DEFAULT_PART_BYTES = 1L << 28;

    /// Checks the ranges.
    ///
    /// @throws InputException if a number is out of its range
    public CorpusInput {
        paths = List.copyOf(paths);
        InputException.requireAtLeast("data: part_bytes", partBytes, 1);
        InputException.requireAtLeast("data: partitions", partitions, 0);
    }

    /// A corpus with parts of the default size and one task for each.
    ///
    /// @param paths files, folders or globs, on file systems that all machines can access
    /// @param textField the field (JSONL) or column (Parquet) that holds the text
    public CorpusInput(List<String> paths, String textField) {
        this(paths, textField, DEFAULT_PART_BYTES, 0);
    }
}
