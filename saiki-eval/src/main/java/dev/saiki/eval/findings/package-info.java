/// What runs, pilots and studies have shown, as one report: {@link dev.saiki.eval.findings.Material} reads what lies in
/// a
/// folder, {@link dev.saiki.eval.findings.Answer} judges it by rules, and {@link
/// dev.saiki.eval.findings.FindingsReport} lays it out in words.
package dev.saiki.eval.findings;
