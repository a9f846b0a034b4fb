package dev.saiki.cli.evaluation;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.eval.Interval;
import dev.saiki.eval.chat.ChatMeasurement;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The result of `saiki eval chat`, whose components are the keys of its JSON.
///
/// @param conversations number of measured conversations
/// @param answers number of answers
/// @param leftOut number of conversations longer than the context
/// @param model the name of the model
/// @param summary the summary of the model's results
/// @param against the model that the first one is compared with, if there is one
/// @param samples questions with their answers
record ChatReport(
        int conversations,
        int answers,
        int leftOut,
        String model,
        ChatMeasurement.Summary summary,
        Optional<Other> against,
        List<Sample> samples) {

    private static final String ROW = "%-22s  %-26s  %-26s  %s%n";

    /// The other model.
    ///
    /// @param model the name of the model
    /// @param summary the summary of the other model's results
    /// @param difference the first model's summary minus the other's
    record Other(String model, ChatMeasurement.Summary summary, ChatMeasurement.Differences difference) {}

    /// A question with its answers.
    ///
    /// @param where file and line of the conversation
    /// @param asked the last message before the answer
    /// @param expected the answer in the conversation
    /// @param written the model's answer
    /// @param against the other model's answer, if there is one
    record Sample(String where, String asked, String expected, String written, Optional<String> against) {}

    /// Prints the result in readable form.
    void print(PrintStream text) {
        text.print(NumberFormats.text(
                "%d answers in %d conversations%s; 95 %% intervals from a bootstrap over conversations%n%n",
                answers, conversations, leftOut == 0 ? "" : " (" + leftOut + " longer than the context are left out)"));
        text.printf(
                ROW, "", model, against.map(Other::model).orElse(""), against.isPresent() ? "difference, paired" : "");
        row(text, "loss, nats per token", "%.4f", 1, one -> Optional.of(one.loss()), one -> Optional.of(one.loss()));
        row(
                text,
                "keeps the format, %",
                "%.1f",
                100,
                ChatMeasurement.Summary::keepsFormat,
                ChatMeasurement.Differences::keepsFormat);
        row(text, "ends by itself, %", "%.1f", 100, ChatMeasurement.Summary::ends, ChatMeasurement.Differences::ends);
        depths(text, "depth of prompts", ChatMeasurement.Summary::promptDepth);
        depths(text, "depth of answers", ChatMeasurement.Summary::answerDepth);
        for (Sample sample : samples) {
            text.printf("%n%s%n", sample.where());
            List<String> parts = new ArrayList<>(List.of("asked", sample.asked(), "expected", sample.expected()));
            parts.addAll(List.of(model, sample.written()));
            sample.against()
                    .ifPresent(other ->
                            parts.addAll(List.of(against.map(Other::model).orElse(""), other)));
            for (int i = 0; i < parts.size(); i += 2) {
                text.printf(
                        "  %s:%n%s%n", parts.get(i), parts.get(i + 1).indent(4).stripTrailing());
            }
        }
    }

    private void row(
            PrintStream text,
            String name,
            String number,
            double unit,
            Function<ChatMeasurement.Summary, Optional<Interval>> figure,
            Function<ChatMeasurement.Differences, Optional<Interval>> difference) {
        Optional<Interval> own = figure.apply(summary);
        if (own.isPresent()) {
            text.printf(
                    ROW,
                    name,
                    shown(number, unit, own),
                    shown(number, unit, against.flatMap(other -> figure.apply(other.summary()))),
                    shown(
                            "%+" + number.substring(1),
                            unit,
                            against.flatMap(other -> difference.apply(other.difference()))));
        }
    }

    private void depths(PrintStream text, String name, Function<ChatMeasurement.Summary, Double> depth) {
        Function<ChatMeasurement.Summary, String> shown = one -> NumberFormats.text("%.3f", depth.apply(one));
        text.printf(
                ROW,
                name,
                shown.apply(summary),
                against.map(Other::summary).map(shown).orElse(""),
                "");
    }

    private static String shown(String number, double unit, Optional<Interval> interval) {
        return interval.map(one -> NumberFormats.text(
                        number + " [" + number + ", " + number + "]",
                        unit * one.mean(),
                        unit * one.low(),
                        unit * one.high()))
                .orElse("");
    }
}
