/// Benchmarks, scored by the rules of EleutherAI's lm-evaluation-harness, and perplexity of texts.
///
/// Read {@link dev.saiki.eval.tasks.Benchmarks} for what each task asks,
/// {@link dev.saiki.eval.tasks.Item} for how an answer is judged, and
/// {@link dev.saiki.eval.tasks.Evaluation} for how it all runs.
///
/// A {@link dev.saiki.eval.tasks.Task} is data: where rows lie, how a row becomes an
/// {@link dev.saiki.eval.tasks.Item}, what is measured. An item makes prompts and judges the answers;
/// {@link dev.saiki.eval.tasks.PromptEncoder} cuts a prompt into tokens as the harness does. A
/// {@link dev.saiki.eval.tasks.ContinuationScorer} is a model as far as a benchmark can see it:
/// LibTorch, the engine, or a stub. {@link dev.saiki.eval.tasks.EvaluationCost} counts what a task cost
/// at the depths that were taken, {@link dev.saiki.eval.tasks.MetricAggregation} makes numbers with
/// errors of it, and {@link dev.saiki.eval.tasks.ResultsJson} writes them in the harness's layout.
package dev.saiki.eval.tasks;
