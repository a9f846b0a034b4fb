/// The comparison of a model with another run of the same model: numbers, greedy continuations and token ids.
///
/// A {@link dev.saiki.eval.verify.Reference} provides, text by text, the results of another run, from another
/// tool's file or from a server. A {@link dev.saiki.eval.verify.LogitModel} computes the same texts, and
/// {@link dev.saiki.eval.verify.Verifier} compares. References are untrusted: their sizes and numbers are checked
/// before they are stored.
package dev.saiki.eval.verify;
