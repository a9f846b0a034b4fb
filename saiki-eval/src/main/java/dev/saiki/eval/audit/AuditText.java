package dev.saiki.eval.audit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The text on which an audit measures a model.
///
/// @param name name of the text's source
/// @param documents token ids of each document, without end-of-text
/// @param ranks frequency rank of every vocabulary id, from 1
@SuppressWarnings("ArrayRecordComponent") // Large, and never compared.
public record AuditText(String name, List<int[]> documents, int[] ranks) {

    /// Copies the list.
    public AuditText {
        documents = List.copyOf(documents);
    }

    /// Creates a text whose tokens are ranked by their frequency in the training text.
    ///
    /// @param name name of the text's source
    /// @param documents token ids of each document, without end-of-text
    /// @param counts occurrences of each vocabulary id in the training text
    /// @return the text
    public static AuditText of(String name, List<int[]> documents, long[] counts) {
        int[] ranks = new int[counts.length];
        int[] byCount = IntStream.range(0, counts.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer id) -> -counts[id]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int place = 0; place < byCount.length; place++) {
            ranks[byCount[place]] = place + 1;
        }
        return new AuditText(name, documents, ranks);
    }

    /// Creates a text whose tokens are ranked by their frequency in the text itself.
    ///
    /// @param name name of the text's source
    /// @param documents token ids of each document, without end-of-text
    /// @param vocabSize number of ids in the vocabulary
    /// @return the text
    public static AuditText rankedByItself(String name, List<int[]> documents, int vocabSize) {
        long[] counts = new long[vocabSize];
        documents.forEach(ids -> Arrays.stream(ids).forEach(id -> counts[id]++));
        return of(name, documents, counts);
    }
}
