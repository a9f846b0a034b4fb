/// The pilot: whether Mixture-of-Recursions pays on a given text, found out on one machine.
///
/// {@link dev.saiki.eval.pilot.Pilot} trains a tokenizer and, at equal compute, a vanilla, a fixed-depth recursive
/// and a MoR model, measures all three on held-out documents, and writes a report.
package dev.saiki.eval.pilot;
