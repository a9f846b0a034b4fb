package dev.saiki.text.corpus;

import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Documents cut into pieces of about equal length.
final class DocumentChunks implements DocumentSource.Cursor {

    private final Stream<Document> source;
    private final Iterator<Document> documents;
    private final int length;
    private Document current = new Document("", "");
    private int from;
    private int pieces;

    /// Wraps a stream of documents.
    ///
    /// @param source the documents, which are closed together with this cursor
    /// @param length the minimum number of characters in a piece, except in the last of a document
    DocumentChunks(Stream<Document> source, int length) {
        this.source = source;
        this.documents = source.iterator();
        this.length = length;
    }

    @Override
    public @Nullable Document next() {
        if (from == current.text().length()) {
            if (!documents.hasNext()) {
                return null;
            }
            current = documents.next();
            from = 0;
            pieces = 0;
        }
        int to = end();
        String text = current.text().substring(from, to);
        pieces++;
        boolean whole = from == 0 && to == current.text().length();
        from = to;
        return new Document(whole ? current.name() : current.name() + " (piece " + pieces + ")", text);
    }

    private int end() {
        String text = current.text();
        int least = from + length;
        int most = from + 2 * length;
        if (least >= text.length()) {
            return text.length();
        }
        int paragraph = text.indexOf("\n\n", least);
        int line = text.indexOf('\n', least);
        int ofLine = line >= 0 ? line + 1 : text.length();
        int cut = paragraph >= 0 && paragraph + 2 <= most ? paragraph + 2 : ofLine;
        return text.length() - cut < length / 2 ? text.length() : cut;
    }

    @Override
    public void close() {
        source.close();
    }
}
