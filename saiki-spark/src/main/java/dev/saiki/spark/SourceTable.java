package dev.saiki.spark;

import dev.saiki.text.dataset.DocumentTable;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/// The lengths and hashes of a source's kept documents, and the source's summary.
///
/// @param values three numbers per document: token count, bytes of text, hash
/// @param summary the summary that ends the source
@SuppressWarnings("ArrayRecordComponent") // The array is sent to the driver and never compared.
record SourceTable(long[] values, EncodedItem.Summary summary) implements Serializable {

    private static final int COLUMNS = 3;

    int numDocuments() {
        return values.length / COLUMNS;
    }

    void addTo(DocumentTable table) {
        for (int at = 0; at < values.length; at += COLUMNS) {
            table.add(values[at], values[at + 1], values[at + 2]);
        }
    }

    /// A table that is filled while its source is encoded.
    static final class Builder {

        private long[] values = new long[COLUMNS << 6];
        private int used;

        void add(EncodedItem.Encoded document) {
            if (used == values.length) {
                values = Arrays.copyOf(values, values.length * 2);
            }
            values[used++] = document.numTokens();
            values[used++] = document.numTextBytes();
            values[used++] = document.hash();
        }

        SourceTable end(EncodedItem.Summary summary) {
            SourceTable table = new SourceTable(Arrays.copyOf(values, used), summary);
            used = 0;
            return table;
        }
    }

    /// Returns the number, counted over all sources, of the first document of each source.
    static int[] firstDocuments(List<SourceTable> tables) {
        int[] first = new int[tables.size()];
        for (int source = 1; source < first.length; source++) {
            first[source] =
                    Math.addExact(first[source - 1], tables.get(source - 1).numDocuments());
        }
        return first;
    }
}
