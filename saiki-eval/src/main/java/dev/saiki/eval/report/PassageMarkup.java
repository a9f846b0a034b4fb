package dev.saiki.eval.report;

import dev.saiki.eval.report.ReportSection.Passage;
import dev.saiki.eval.report.ReportSection.PassageToken;

/// Writes a passage: a legend, the coloured tokens, and a line that describes the token under the cursor.
final class PassageMarkup {

    private PassageMarkup() {}

    static void write(Markup markup, Passage passage) {
        writeLegend(markup, passage);
        markup.open(
                "div",
                "class",
                "passage",
                "tabindex",
                "0",
                "role",
                "group",
                "aria-label",
                passage.heading() + "; the arrow keys walk through the tokens");
        for (PassageToken token : passage.tokens()) {
            writeToken(markup, token);
        }
        markup.close().line();
        markup.element(
                        "p",
                        "Point at a token, or come here with Tab and walk with the arrow keys.",
                        "class",
                        "detail-line",
                        "aria-live",
                        "polite")
                .line();
    }

    private static void writeLegend(Markup markup, Passage passage) {
        markup.open("ul", "class", "legend depths");
        for (int depth = 1; depth <= passage.numRecursions(); depth++) {
            int wanted = depth;
            long count = passage.tokens().stream()
                    .filter(token -> token.depth() == wanted)
                    .count();
            double share = passage.tokens().isEmpty()
                    ? 0
                    : (double) count / passage.tokens().size();
            markup.open("li").element("span", " depth " + depth + " ", "class", "d" + depth);
            markup.text(" " + Numbers.percent(share, 0) + " of these tokens").close();
        }
        markup.close().line();
    }

    private static void writeToken(Markup markup, PassageToken token) {
        if (token.text().isEmpty()) {
            return;
        }
        String title = "depth " + token.depth();
        if (!Double.isNaN(token.logprob())) {
            title += ", probability " + Numbers.percent(Math.exp(token.logprob()), 2) + ", surprise "
                    + Numbers.fixed(0.0 - token.logprob(), 2) + " nats";
        }
        markup.element("span", token.text(), "class", "d" + token.depth(), "title", title);
    }
}
