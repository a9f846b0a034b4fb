package dev.saiki.eval.tasks;

import dev.saiki.text.corpus.Corpus;
import java.util.OptionalInt;

/// Texts in which every token is scored.
///
/// @param name the key in results files
/// @param corpus the texts
/// @param stride maximum number of tokens scored in each window after the first; the remaining tokens of the
///     window are context. Empty for windows that overlap by one token, as in lm-evaluation-harness
public record PerplexityTask(String name, Corpus corpus, OptionalInt stride) implements Suite {}
