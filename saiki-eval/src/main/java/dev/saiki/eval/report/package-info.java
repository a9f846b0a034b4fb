/// One self-contained HTML page of results: {@link dev.saiki.eval.report.Report} says what is on it,
/// {@link dev.saiki.eval.report.HtmlReport} writes it.
package dev.saiki.eval.report;
