package dev.saiki.text.cleaning;

import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.DataTable;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Evaluation sets that must not occur in training data.
///
/// A document is contaminated if it shares a run of {@value #WORDS} words with an evaluation set, ignoring case and
/// punctuation (Brown et al., Language Models are Few-Shot Learners, arXiv 2005.14165, 2020, appendix C). Each
/// string of a row counts by itself; strings of fewer words are not compared. Memory is 8 bytes per word of the
/// evaluation sets.
public final class EvaluationSets implements Serializable {

    /// No evaluation set.
    public static final EvaluationSets NONE = new EvaluationSets(List.of(), LongStream.empty());

    @Serial
    private static final long serialVersionUID = 1L;

    private static final int WORDS = 13;

    @SuppressWarnings("serial") // The copy by List.copyOf is serializable.
    private final List<SetFile> files;

    private final long[] grams;

    private EvaluationSets(List<SetFile> files, LongStream grams) {
        this.files = List.copyOf(files);
        this.grams = grams.sorted().distinct().toArray();
    }

    /// A file of an evaluation set.
    ///
    /// @param name the name of the file, without its folder
    /// @param sha256 the SHA-256 of the file in hexadecimal digits
    public record SetFile(String name, String sha256) implements Serializable {}

    /// Reads evaluation sets.
    ///
    /// @param paths JSON Lines, Parquet or plain text
    /// @return the evaluation sets
    /// @throws dev.saiki.io.InputException if a file cannot be read
    public static EvaluationSets of(List<Path> paths) {
        if (paths.isEmpty()) {
            return NONE;
        }
        List<SetFile> files = new ArrayList<>();
        LongStream.Builder grams = LongStream.builder();
        for (Path path : paths) {
            try (Stream<String> strings = strings(path)) {
                strings.forEach(text -> addGrams(text, grams));
                files.add(new SetFile(String.valueOf(path.getFileName()), Sha256.hex(path)));
            } catch (IOException e) {
                throw new UncheckedIOException(path + " cannot be read", e);
            }
        }
        return new EvaluationSets(files, grams.build());
    }

    private static Stream<String> strings(Path path) {
        if (DataTable.ENDINGS.stream().anyMatch(path.toString()::endsWith)) {
            return DataTable.read(path, Integer.MAX_VALUE).stream().flatMap(row -> strings(row.values()));
        }
        return Corpus.of(List.of(path)).documents().map(Document::text);
    }

    private static Stream<String> strings(Object value) {
        return switch (value) {
            case String text -> Stream.of(text);
            case Map<?, ?> columns -> columns.values().stream().flatMap(EvaluationSets::strings);
            case Collection<?> entries -> entries.stream().flatMap(EvaluationSets::strings);
            default -> Stream.empty();
        };
    }

    @SuppressWarnings("CheckReturnValue") // A string of fewer words is not compared.
    private static void addGrams(String text, LongConsumer grams) {
        WordGrams.read(text, WORDS, grams);
    }

    /// The files that were read.
    List<SetFile> files() {
        return files;
    }

    /// Whether a text shares a run of words with an evaluation set.
    boolean occurIn(String text) {
        boolean[] found = new boolean[1];
        if (grams.length > 0) {
            addGrams(text, gram -> found[0] |= Arrays.binarySearch(grams, gram) >= 0);
        }
        return found[0];
    }
}
