package dev.saiki.cli.model;

import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Departure;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Differences;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Greedy;
import dev.saiki.checkpoint.provenance.VerificationStatistics.PromptIds;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The description of a comparison with another run of a model.
///
/// @param verification the results
/// @param tokenizer the tokenizer of the model, if it has one
record VerificationText(Verification verification, Optional<Tokenizer> tokenizer) {

    /// One result and its name.
    ///
    /// @param name the name of the result
    /// @param value the result in words
    record Row(String name, String value) {}

    /// All results, one per line, the verdict last.
    List<Row> rows() {
        VerificationStatistics statistics = verification.statistics();
        return List.of(
                new Row("reference", reference()),
                new Row("computed", verification.engine() + ", " + verification.weights() + " weights"),
                new Row("token ids", ids(statistics.promptIds(), statistics.prompts())),
                new Row(quantity(), differences(statistics)),
                new Row(
                        "likeliest",
                        statistics.likeliest().equal() + " of "
                                + statistics.likeliest().clear() + " tokens equal where the reference is clear"),
                new Row("greedy", greedy(statistics.greedy())),
                new Row("verdict", verdict()));
    }

    /// The verdict and what it is about, in one line.
    String line() {
        return verdict() + ", " + verification.engine() + " " + verification.weights() + " against " + reference()
                + ", largest difference "
                + verification
                        .statistics()
                        .differences()
                        .map(known -> number(known.largest()))
                        .orElse("unknown")
                + ", " + verification.verified();
    }

    private String verdict() {
        return (verification.agreed() ? "agreed within " : "NOT agreed within ") + number(verification.tolerance());
    }

    private String reference() {
        Verification.Reference reference = verification.reference();
        String by = reference.tool().isEmpty() ? "" : ", " + reference.tool();
        String of = reference.model().isEmpty() ? "" : ", " + reference.model();
        return reference.name() + by + of;
    }

    private String quantity() {
        return verification.statistics().quantity().name().toLowerCase(Locale.ROOT);
    }

    private static String ids(PromptIds ids, int prompts) {
        String equal = ids.equal() + " of " + prompts + " prompts equal";
        String unreported = ids.untold() == 0 ? "" : ", " + ids.untold() + " not reported";
        return equal
                + unreported
                + ids.firstOther()
                        .map(first -> ", prompt " + first + " differs")
                        .orElse("");
    }

    private String differences(VerificationStatistics statistics) {
        String at = " at " + statistics.positions() + " positions";
        return statistics
                .differences()
                .map(known -> "largest difference " + number(known.largest()) + " (" + place(known) + "), median "
                        + number(known.median()) + at)
                .orElse("no finite number" + at);
    }

    private String place(Differences known) {
        return NumberFormats.text(
                "prompt %d, position %d, token %s: %.5f here, %.5f there",
                known.prompt(), known.position(), token(known.token()), known.ours(), known.theirs());
    }

    private String greedy(Greedy greedy) {
        String tokens =
                greedy.equal() + " of " + greedy.tokens() + " tokens equal, " + greedy.equalTexts() + " texts equal";
        return tokens + greedy.first().map(this::departure).orElse("");
    }

    private String departure(Departure departure) {
        return "; first at prompt " + departure.prompt() + ", position " + departure.position() + ": "
                + token(departure.ours()) + " here, " + token(departure.theirs()) + " there, by a margin of "
                + number(departure.margin());
    }

    private String token(int id) {
        return tokenizer
                .filter(known -> id < known.vocabSize())
                .map(known -> id + " \"" + known.tokenText(id).replaceAll("\\p{Cntrl}", "?") + "\"")
                .orElse("" + id);
    }

    private static String number(double value) {
        return NumberFormats.text("%.3g", value);
    }
}
