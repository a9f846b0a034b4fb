/// The findings of runs, pilots and studies as one report: {@link dev.saiki.report.findings.ReportInput} reads the
/// files of a folder, {@link dev.saiki.report.findings.Conclusion} judges the findings by rules, and
/// {@link dev.saiki.report.findings.FindingsReport} puts them into words.
///
/// {@link dev.saiki.report.findings.Conclusion} judges by six rules, listed in its comment;
/// {@link dev.saiki.report.findings.ConclusionMessages} and {@link dev.saiki.report.findings.Remarks} choose the
/// sentences.
package dev.saiki.report.findings;
