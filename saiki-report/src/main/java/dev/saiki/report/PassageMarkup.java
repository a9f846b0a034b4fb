package dev.saiki.report;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.ReportSection.Passage;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prediction;
import java.util.ArrayList;
import java.util.List;

/// The markup of a passage: a legend, the coloured tokens, and a panel that describes the token under the
/// cursor.
///
/// The panel shows the lines of the token's title, which can be read without the script, too.
///
/// @param markup the page
/// @param messages the language
/// @param passage the passage
record PassageMarkup(MarkupBuilder markup, Messages messages, Passage passage) {

    void write() {
        writeLegend();
        // The panel stays at the window's lower edge while any part of the passage is visible.
        markup.open("div").line();
        String label = messages.format("passage.label", with("heading", passage.heading()));
        markup.open("div", "class", "passage", "tabindex", "0", "role", "group", "aria-label", label);
        for (int i = 0; i < passage.tokens().size(); i++) {
            writeToken(i);
        }
        markup.close().line();
        markup.open("div", "class", "detail-panel", "aria-live", "polite");
        markup.attribute("data-token", messages.format("passage.token"));
        markup.element("p", messages.format("passage.hint"));
        markup.close().line().close().line();
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
            markup.element(
                    "span", " " + messages.format("passage.depth", with("depth", depth)) + " ", "class", "d" + depth);
            markup.text(" " + messages.format("passage.share", with("share", Numbers.percent(share, 0))));
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
        List<String> lines = new ArrayList<>();
        lines.add(messages.format("passage.took", with("depth", token.depth()), with("most", passage.numRecursions())));
        if (!Double.isNaN(token.logprob())) {
            lines.add(messages.format(
                    "passage.expected",
                    with("probability", Numbers.percent(Math.exp(token.logprob()), 1)),
                    with("surprise", Numbers.fixed(0.0 - token.logprob(), 2))));
        }
        for (int depth = 1; depth <= token.next().size(); depth++) {
            Prediction said = token.next().get(depth - 1);
            lines.add(messages.format(
                    "passage.said",
                    with("depth", depth),
                    with("text", visible(said.text())),
                    with("probability", Numbers.percent(said.probability(), 1))));
        }
        if (!token.next().isEmpty() && index + 1 < passage.tokens().size()) {
            String next = passage.tokens().get(index + 1).text();
            lines.add(messages.format("passage.really", with("text", visible(next))));
        }
        return String.join("\n", lines);
    }

    /// Keeps each description on one line.
    private static String visible(String text) {
        return text.replace('\n', '↵').replace('\r', '↵').replace('\t', '⇥');
    }
}
