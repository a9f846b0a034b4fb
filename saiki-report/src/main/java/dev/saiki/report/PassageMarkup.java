package dev.saiki.report;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prediction;
import java.util.List;

/// Writes a passage: a legend, the coloured tokens, and a panel that describes the token under the cursor.
///
/// What the panel says stands in the title of each token, line by line, so that it can be read without the script too.
final class PassageMarkup {

    private final Markup markup;
    private final Words words;
    private final Passage passage;

    private PassageMarkup(Markup markup, Words words, Passage passage) {
        this.markup = markup;
        this.words = words;
        this.passage = passage;
    }

    static void write(Markup markup, Words words, Passage passage) {
        new PassageMarkup(markup, words, passage).write();
    }

    private void write() {
        writeLegend();
        // The panel sticks to the window's lower edge as long as some of the passage is in it.
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
                words.say("passage.label", "heading", passage.heading()));
        for (int i = 0; i < passage.tokens().size(); i++) {
            writeToken(i);
        }
        markup.close().line();
        markup.open("div", "class", "detail-panel", "aria-live", "polite", "data-token", words.say("passage.token"));
        markup.element("p", words.say("passage.hint")).close().line().close().line();
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
            markup.element("span", " " + words.say("passage.depth", "depth", depth) + " ", "class", "d" + depth);
            markup.text(" " + words.say("passage.share", "share", Numbers.percent(share, 0)));
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
        StringBuilder lines =
                new StringBuilder(words.say("passage.took", "depth", token.depth(), "most", passage.numRecursions()));
        if (!Double.isNaN(token.logprob())) {
            lines.append('\n')
                    .append(words.say(
                            "passage.expected",
                            "probability",
                            Numbers.percent(Math.exp(token.logprob()), 2),
                            "surprise",
                            Numbers.fixed(0.0 - token.logprob(), 2)));
        }
        for (int depth = 1; depth <= token.next().size(); depth++) {
            Prediction said = token.next().get(depth - 1);
            lines.append('\n')
                    .append(words.say(
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
                    .append(words.say(
                            "passage.really",
                            "text",
                            visible(passage.tokens().get(index + 1).text())));
        }
        return lines.toString();
    }

    /// Keeps each description on its line.
    private static String visible(String text) {
        return text.replace('\n', '↵').replace('\r', '↵').replace('\t', '⇥');
    }
}
