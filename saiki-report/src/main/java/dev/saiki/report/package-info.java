/// Results as one self-contained HTML page: {@link dev.saiki.report.Report} is its content,
/// {@link dev.saiki.report.HtmlReport} writes it.
///
/// {@link dev.saiki.report.ReportSection} is sealed, and {@link dev.saiki.report.HtmlReport},
/// {@link dev.saiki.report.MarkdownReport} and {@link dev.saiki.report.JsonReport} write the same sections. The
/// code contains no text of a report: {@link dev.saiki.report.Messages} reads it from one bundle per language, and
/// a test requires the same keys and placeholders in all bundles. The page is one file under a content security
/// policy that allows its own script and nothing else.
package dev.saiki.report;
