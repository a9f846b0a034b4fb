/// One self-contained HTML page of results: {@link dev.saiki.report.Report} says what is on it,
/// {@link dev.saiki.report.HtmlReport} writes it.
///
/// {@link dev.saiki.report.ReportSection} is sealed, and `HtmlReport`, `MarkdownReport` and `JsonReport`
/// write the same sections. No word of a report stands in the code: `Words` takes them from one bundle a
/// language, and a test holds the bundles to the same keys and places. The page is one file under a content
/// security policy that lets it run its own script and nothing else.
package dev.saiki.report;
