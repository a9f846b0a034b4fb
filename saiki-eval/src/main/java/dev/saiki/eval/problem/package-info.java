/// Accuracy on problems of known difficulty, at several compute settings.
package dev.saiki.eval.problem;
