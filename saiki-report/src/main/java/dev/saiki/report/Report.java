package dev.saiki.report;

import java.util.List;

/// The content of a page of results, answer first, without any markup.
///
/// All text is plain text and may come from anywhere, a model's output or a user's corpus included; the writer
/// escapes it.
///
/// @param language the language of all its words
/// @param title what the page is about, a few words
/// @param subtitle where the results come from: data, machine, date
/// @param answer the result in one sentence
/// @param explanation the result in two more sentences: at what setting, and how sure
/// @param figures the numbers that carry the answer; may be empty
/// @param sections everything else, in order
public record Report(
        Language language,
        String title,
        String subtitle,
        String answer,
        List<String> explanation,
        List<KeyFigure> figures,
        List<ReportSection> sections) {

    /// Keeps its own copies of the lists.
    public Report {
        explanation = List.copyOf(explanation);
        figures = List.copyOf(figures);
        sections = List.copyOf(sections);
    }

    /// A number that carries the answer.
    ///
    /// @param value the number with its unit
    /// @param label what it is
    /// @param detail interval, baseline or condition; may be empty
    public record KeyFigure(String value, String label, String detail) {}
}
