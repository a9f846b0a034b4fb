/// Results as one self-contained HTML page: {@link dev.saiki.report.Report} is its content,
/// {@link dev.saiki.report.HtmlReport} writes it.
///
/// {@link dev.saiki.report.ReportSection} is sealed, and {@link dev.saiki.report.HtmlReport},
/// {@link dev.saiki.report.MarkdownReport} and {@link dev.saiki.report.JsonReport} write the same sections. All
/// text of a report comes from {@link dev.saiki.report.Messages}, which reads one bundle per language; a test
/// requires the same keys and placeholders in all bundles. The page is one file under a content security policy
/// that allows only its own script and style sheet.
package dev.saiki.report;
