/// The pilot: whether Mixture-of-Recursions pays on a given text, found out on one machine.
///
/// {@link dev.saiki.eval.pilot.Pilot} times some steps, chooses a size and a budget, and carries out a study of six
/// models by them.
package dev.saiki.eval.pilot;
