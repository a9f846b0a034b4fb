package dev.saiki.cli.chat;

import dev.saiki.cli.model.DepthHighlighter;
import dev.saiki.engine.Token;
import dev.saiki.text.chat.ThinkingSplitter;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;

/// A printer of one answer while it is generated. The model's thoughts are dimmed, or separated by a heading where
/// there is no colour.
final class AnswerPrinter {

    private static final String DIMMED = "\u001b[2m";
    private static final String PLAIN = "\u001b[0m";
    private static final String THINKS = "[thinking]";
    private static final String ANSWERS = "[answer]";

    private final PrintStream out;
    private final boolean coloured;
    private final boolean showsDepth;
    private final Optional<ThinkingSplitter> thoughts;
    private final DepthHighlighter depths;
    private final StringBuilder words = new StringBuilder();
    private boolean thinks;

    /// Begins an answer.
    ///
    /// @param coloured whether the output shows colours
    /// @param showsDepth whether to show the depth of each token
    /// @param thoughts separates the model's thoughts from the text; empty for a model that does not mark
    ///     thoughts
    AnswerPrinter(PrintStream out, boolean coloured, boolean showsDepth, Optional<ThinkingSplitter> thoughts) {
        this.out = out;
        this.coloured = coloured;
        this.showsDepth = showsDepth;
        this.thoughts = thoughts;
        this.depths = new DepthHighlighter(coloured);
    }

    /// Prints a token.
    void take(Token token) {
        print(read(token.text()), token.depth());
        out.flush();
    }

    /// Prints the remaining text, and ends the line.
    ///
    /// @param rest the last characters of the text, which were not sent with a token
    /// @return the text without the thoughts
    String end(String rest) {
        print(read(rest), 0);
        print(thoughts.map(ThinkingSplitter::end).orElse(List.of()), 0);
        out.println();
        return words.toString();
    }

    private List<ThinkingSplitter.Piece> read(String text) {
        return thoughts.map(reader -> reader.take(text)).orElseGet(() -> List.of(new ThinkingSplitter.Answer(text)));
    }

    private void print(List<ThinkingSplitter.Piece> pieces, int depth) {
        for (ThinkingSplitter.Piece piece : pieces) {
            switch (piece) {
                case ThinkingSplitter.Thought(String text) -> think(text);
                case ThinkingSplitter.Answer(String text) -> say(text, depth);
            }
        }
    }

    private void think(String text) {
        if (!thinks && !coloured) {
            out.println(THINKS);
        }
        thinks = true;
        out.print(coloured ? DIMMED + text + PLAIN : text);
    }

    private void say(String text, int depth) {
        // Chat formats that write a name before each turn leave a space or a newline before an answer.
        String said = words.isEmpty() ? text.stripLeading() : text;
        if (said.isEmpty()) {
            return;
        }
        if (thinks && words.isEmpty()) {
            out.println();
            out.println(coloured ? "" : ANSWERS);
        }
        words.append(said);
        out.print(showsDepth && depth > 0 ? depths.token(said, depth) : said);
    }
}
