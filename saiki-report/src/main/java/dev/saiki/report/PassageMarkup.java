package dev.saiki.report;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prediction;
import java.util.List;

/// The markup of a passage: a legend, the coloured tokens, and a panel that describes the token under the
/// cursor.
///
/// The panel's content is the title of each token, line by line, so that it can be read without the script too.
final class PassageMarkup {

    private final MarkupBuilder markup;
    private final Messages messages;
    private final Passage passage;

    private PassageMarkup(MarkupBuilder markup, Messages messages, Passage passage) {
        this.markup = markup;
        this.messages = messages;
        this.passage = passage;
    }

    static void write(MarkupBuilder markup, Messages messages, Passage passage) {
        new PassageMarkup(markup, messages, passage).write();
    }

    private void write() {
        writeLegend();
        // The panel sticks to the window's lower edge while any part of the passage is visible.
        markup.open("div").line();
        markup.open(
                "div",
                "class",
                "passage",
                "tabindex",
                "0",
                "role",
                "group",
                "aria-label",
                messages.format("passage.label", "heading", passage.heading()));
        for (int i = 0; i < passage.tokens().size(); i++) {
            writeToken(i);
        }
        markup.close().line();
        markup.open(
                "div", "class", "detail-panel", "aria-live", "polite", "data-token", messages.format("passage.token"));
        markup.element("p", messages.format("passage.hint"))
                .close()
                .line()
                .close()
                .line();
    }

    private void writeLegend() {
        List<PassageToken> tokens = passage.tokens();
        markup.open("ul", "class", "legend depths");
        for (int depth = 1; depth <= passage.numRecursions(); depth++) {
            int wanted = depth;
            long count =
                    tokens.stream().filter(token -> token.depth() == wanted).count();
            double share = tokens.isEmpty() ? 0 : (double) count / tokens.size();
            markup.open("li");
            markup.element("span", " " + messages.format("passage.depth", "depth", depth) + " ", "class", "d" + depth);
            markup.text(" " + messages.format("passage.share", "share", Numbers.percent(share, 0)));
            markup.close();
        }
        markup.close().line();
    }

    private void writeToken(int index) {
        PassageToken token = passage.tokens().get(index);
        if (token.text().isEmpty()) {
            return;
        }
        markup.element("span", token.text(), "class", "d" + token.depth(), "title", describe(index));
    }

    private String describe(int index) {
        PassageToken token = passage.tokens().get(index);
        StringBuilder lines = new StringBuilder(
                messages.format("passage.took", "depth", token.depth(), "most", passage.numRecursions()));
        if (!Double.isNaN(token.logprob())) {
            lines.append('\n')
                    .append(messages.format(
                            "passage.expected",
                            "probability",
                            Numbers.percent(Math.exp(token.logprob()), 1),
                            "surprise",
                            Numbers.fixed(0.0 - token.logprob(), 2)));
        }
        for (int depth = 1; depth <= token.next().size(); depth++) {
            Prediction said = token.next().get(depth - 1);
            lines.append('\n')
                    .append(messages.format(
                            "passage.said",
                            "depth",
                            depth,
                            "text",
                            visible(said.text()),
                            "probability",
                            Numbers.percent(said.probability(), 1)));
        }
        if (!token.next().isEmpty() && index + 1 < passage.tokens().size()) {
            lines.append('\n')
                    .append(messages.format(
                            "passage.really",
                            "text",
                            visible(passage.tokens().get(index + 1).text())));
        }
        return lines.toString();
    }

    /// Keeps each description on one line.
    private static String visible(String text) {
        return text.replace('\n', '↵').replace('\r', '↵').replace('\t', '⇥');
    }
}
