/// Benchmarks, scored by the rules of EleutherAI's lm-evaluation-harness, and perplexity of texts.
///
/// Read {@link dev.saiki.eval.tasks.Benchmarks} for what each task asks, {@link dev.saiki.eval.tasks.Item} for how an
/// answer is judged, and {@link dev.saiki.eval.tasks.Evaluation} for how it all runs.
package dev.saiki.eval.tasks;
