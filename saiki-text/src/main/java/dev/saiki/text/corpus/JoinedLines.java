package dev.saiki.text.corpus;

import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Documents with the lines of each paragraph joined where a typesetter broke them at a fixed width.
///
/// Broken lines waste much of a small model's capacity: a word at the start of a line has no space before it, so a
/// tokenizer encodes it like the end of another word, and the text does not predict where a line ends.
final class JoinedLines implements DocumentSource.Cursor {

    private static final String PARAGRAPH_END = "\n\n";
    private static final int SHORTEST_LINE = 40;
    private static final int MAX_LINE = 100;

    /// The maximum number of characters per space in a line of prose; rows of figures and names have more.
    private static final int MAX_WORD_LENGTH = 15;

    /// The minimum share of the paragraph's width that a line and the first word of the next line must fill.
    private static final double MIN_WIDTH = 0.7;

    /// The beginning of a line that is not prose: white space, or the markup of a list, quote, heading or table.
    private static final Pattern MARKUP = Pattern.compile("^(\\s|[-*+#>|=~]|\\d+[.)]\\s).*");

    private final Stream<Document> source;
    private final Iterator<Document> documents;

    /// Wraps a stream of documents.
    ///
    /// @param source the documents, which are closed together with this cursor
    JoinedLines(Stream<Document> source) {
        this.source = source;
        this.documents = source.iterator();
    }

    @Override
    public @Nullable Document next() {
        if (!documents.hasNext()) {
            return null;
        }
        Document document = documents.next();
        return new Document(document.name(), join(document.text()));
    }

    private static String join(String text) {
        return Stream.of(text.replace("\r\n", "\n").split(PARAGRAPH_END, -1))
                .map(JoinedLines::joined)
                .collect(Collectors.joining(PARAGRAPH_END));
    }

    private static String joined(String paragraph) {
        int start = 0;
        while (start < paragraph.length() && paragraph.charAt(start) == '\n') {
            start++;
        }
        List<String> lines = paragraph.substring(start).lines().toList();
        if (lines.isEmpty()) {
            return paragraph;
        }
        int width = lines.stream().mapToInt(String::length).max().orElse(0);
        for (int i = 0; i < lines.size(); i++) {
            boolean last = i == lines.size() - 1;
            if (MARKUP.matcher(lines.get(i)).matches() || (!last && !isFull(lines.get(i), lines.get(i + 1), width))) {
                return paragraph;
            }
        }
        return paragraph.substring(0, start) + String.join(" ", lines) + (paragraph.endsWith("\n") ? "\n" : "");
    }

    /// Whether a line probably ends because the next word did not fit.
    private static boolean isFull(String line, String next, int width) {
        int space = next.indexOf(' ');
        int word = space < 0 ? next.length() : space;
        return line.length() >= SHORTEST_LINE
                && line.length() <= MAX_LINE
                && line.chars().filter(c -> c == ' ').count() * MAX_WORD_LENGTH >= line.length()
                && line.length() + 1 + word >= MIN_WIDTH * width;
    }

    @Override
    public void close() {
        source.close();
    }
}
