/// One self-contained HTML page of results: {@link dev.saiki.report.Report} says what is on it,
/// {@link dev.saiki.report.HtmlReport} writes it.
package dev.saiki.report;
