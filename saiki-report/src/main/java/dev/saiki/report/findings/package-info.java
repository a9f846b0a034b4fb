/// What runs, pilots and studies have shown, as one report:
/// {@link dev.saiki.report.findings.ReportInput} reads what lies in a folder,
/// {@link dev.saiki.report.findings.Conclusion} judges it by rules, and
/// {@link dev.saiki.report.findings.FindingsReport} lays it out in words.
///
/// {@link dev.saiki.report.findings.Conclusion} judges by six rules, which stand in its comment;
/// {@link dev.saiki.report.findings.ConclusionMessages} and {@link dev.saiki.report.findings.Remarks}
/// find the sentences.
package dev.saiki.report.findings;
