package dev.saiki.eval.tasks;

import dev.saiki.text.corpus.Corpus;
import java.util.OptionalInt;

/// Texts whose tokens are all scored.
///
/// @param name key in results files
/// @param corpus the texts
/// @param stride maximum number of tokens scored in a window after the first, the rest of which is context; empty
///     for windows that overlap by one token, as in the harness
public record PerplexityTask(String name, Corpus corpus, OptionalInt stride) implements Suite {}
