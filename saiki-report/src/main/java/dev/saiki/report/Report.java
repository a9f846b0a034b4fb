package dev.saiki.report;

import java.util.List;

/// The content of a results page, beginning with the answer, without any markup.
///
/// All text is plain text and untrusted, since it may include a model's output or a user's corpus. The writers
/// escape all text.
///
/// @param language the language of the report's texts
/// @param title the subject of the page, in a few words
/// @param subtitle the source of the results: data, machine, date
/// @param answer the result in one sentence
/// @param explanation two further sentences: one on the setting of the result, and one on its certainty
/// @param figures the key figures of the answer; may be empty
/// @param sections the rest of the content, in order
public record Report(
        Language language,
        String title,
        String subtitle,
        String answer,
        List<String> explanation,
        List<KeyFigure> figures,
        List<ReportSection> sections) {

    /// Copies the lists.
    public Report {
        explanation = List.copyOf(explanation);
        figures = List.copyOf(figures);
        sections = List.copyOf(sections);
    }

    /// A key figure of the answer.
    ///
    /// @param value the number with its unit
    /// @param label label of the figure
    /// @param detail the figure's interval, baseline or condition; may be empty
    public record KeyFigure(String value, String label, String detail) {}
}
