package dev.saiki.eval.tasks;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.DataRow;
import dev.saiki.text.corpus.DataTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The location of a task's rows.
public sealed interface TaskSource {

    /// Maximum number of rows in a task.
    int MAX_ROWS = 1_000_000;

    /// One split of a data set in the folder of all data: either the file `<folder>/<split>` with an
    /// extension of {@link DataTable#ENDINGS}, or several parts named `<split>-00000-of-00002` and so on,
    /// with such an extension.
    ///
    /// @param folder folder of the data set
    /// @param split name of the split
    record Split(String folder, String split) implements TaskSource {}

    /// A file of the user's own.
    ///
    /// @param file the file
    record OneFile(Path file) implements TaskSource {}

    /// Reads all rows.
    ///
    /// @param data folder of all data sets, if given
    /// @return the rows, at least one
    /// @throws InputException if the file does not exist, is damaged, or is empty
    default List<DataRow> read(Optional<Path> data) {
        List<Path> files = files(data);
        List<DataRow> rows = new ArrayList<>();
        for (Path file : files) {
            rows.addAll(DataTable.read(file, MAX_ROWS - rows.size()));
        }
        if (rows.isEmpty()) {
            throw new InputException(files.getFirst() + ": must have at least one row, got none");
        }
        return rows;
    }

    /// Finds the files.
    ///
    /// @param data folder of all data sets, if given
    /// @return the files, at least one, in order
    /// @throws InputException if the split does not exist, or exists in several formats
    default List<Path> files(Optional<Path> data) {
        return switch (this) {
            case OneFile one -> List.of(one.file());
            case Split split -> {
                if (data.isEmpty()) {
                    throw new InputException("--data must name the folder that holds " + split.folder() + "/"
                            + split.split() + ".jsonl (or .jsonl.gz, .jsonl.zst, .parquet)");
                }
                yield find(data.get().resolve(split.folder()), split.split());
            }
        };
    }

    private static List<Path> find(Path folder, String split) {
        Pattern wanted = Pattern.compile(Pattern.quote(split) + "(-\\d{5}-of-\\d{5})?("
                + String.join(
                        "|", DataTable.ENDINGS.stream().map(Pattern::quote).toList()) + ")");
        List<Path> found = List.of();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                found = files.filter(file -> wanted.matcher(String.valueOf(file.getFileName()))
                                .matches())
                        .sorted()
                        .toList();
            } catch (IOException e) {
                throw new InputException(folder + ": cannot list its files: " + e.getMessage(), e);
            }
        }
        if (found.isEmpty()) {
            throw new InputException(
                    folder + ": no file " + split + " with an ending of " + String.join(", ", DataTable.ENDINGS));
        }
        if (found.stream().map(TaskSource::form).distinct().count() > 1
                || (found.size() > 1
                        && found.stream().noneMatch(file -> file.toString().contains("-of-")))) {
            throw new InputException(folder + ": the split " + split + " must exist in one format, got "
                    + String.join(
                            ", ",
                            found.stream()
                                    .map(file -> String.valueOf(file.getFileName()))
                                    .toList()));
        }
        return found;
    }

    /// The file extension, and whether the file is a part.
    private static String form(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.substring(name.indexOf('.')) + name.contains("-of-");
    }
}
