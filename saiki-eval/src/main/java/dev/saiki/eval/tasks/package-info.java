/// Benchmarks, scored by the rules of EleutherAI's lm-evaluation-harness, and perplexity of texts.
///
/// Start with {@link dev.saiki.eval.tasks.Benchmarks} for the questions of each task,
/// {@link dev.saiki.eval.tasks.Item} for the judging of answers, and {@link dev.saiki.eval.tasks.Evaluation} for a
/// whole run.
///
/// A {@link dev.saiki.eval.tasks.Task} is data: the location of the rows, the conversion of a row into an
/// {@link dev.saiki.eval.tasks.Item}, and the metrics. An item creates prompts and judges the answers;
/// {@link dev.saiki.eval.tasks.PromptEncoder} tokenizes a prompt as the harness does. Benchmarks access the model
/// through a {@link dev.saiki.eval.tasks.ContinuationScorer}: LibTorch, the engine, or a stub.
/// {@link dev.saiki.eval.tasks.EvaluationCost} counts the compute of a task at the depths taken,
/// {@link dev.saiki.eval.tasks.MetricAggregation} aggregates the results to numbers with standard errors, and
/// {@link dev.saiki.eval.tasks.ResultsJson} writes them in the harness's layout.
package dev.saiki.eval.tasks;
