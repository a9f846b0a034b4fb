package dev.saiki.eval.audit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// The text of an audit.
///
/// @param name where it came from
/// @param documents token ids of each document, without end-of-text
/// @param ranks for every id of the vocabulary, its place by frequency, from 1
@SuppressWarnings("ArrayRecordComponent") // Large; compared by nobody.
public record AuditText(String name, List<int[]> documents, int[] ranks) {

    /// Keeps its own copy of the list.
    public AuditText {
        documents = List.copyOf(documents);
    }

    /// Makes a text whose tokens are ranked by how often they stand in the training text.
    ///
    /// @param name where it came from
    /// @param documents token ids of each document, without end-of-text
    /// @param counts how often each id of the vocabulary was seen in training
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

    /// Makes a text whose tokens are ranked by how often they stand in it.
    ///
    /// @param name where it came from
    /// @param documents token ids of each document, without end-of-text
    /// @param vocabSize ids of the vocabulary
    /// @return the text
    public static AuditText rankedByItself(String name, List<int[]> documents, int vocabSize) {
        long[] counts = new long[vocabSize];
        documents.forEach(ids -> Arrays.stream(ids).forEach(id -> counts[id]++));
        return of(name, documents, counts);
    }
}
