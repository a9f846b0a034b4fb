/// One self-contained HTML page of results: {@link dev.saiki.report.Report} says what is on it,
/// {@link dev.saiki.report.HtmlReport} writes it.
///
/// {@link dev.saiki.report.ReportSection} is sealed, and {@link dev.saiki.report.HtmlReport},
/// {@link dev.saiki.report.MarkdownReport} and {@link dev.saiki.report.JsonReport} write the same
/// sections. No word of a report stands in the code: {@link dev.saiki.report.Messages} takes them from
/// one bundle a language, and a test holds the bundles to the same keys and places. The page is one
/// file under a content security policy that lets it run its own script and nothing else.
package dev.saiki.report;
