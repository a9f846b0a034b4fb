package dev.saiki.eval;

import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongConsumer;

/// A scorer of text, which computes the log-probabilities and depths of the text's tokens.
///
/// Documents are cut into windows of the model's context length. A window begins with context tokens that are not
/// scored in this window. The context of a document's first window is only the end-of-text token, as in training,
/// so every token of the document is predicted exactly once. A window never extends into the next document. Later
/// windows have one token of context, which is cheap and the same for every model. The measured loss is slightly
/// pessimistic, since the tokens at the start of a window are predicted from little context.
public final class TextScorer {

    /// Number of sequences per batch.
    private static final int SEQUENCES_AT_ONCE = 8;

    private final Tokenizer tokenizer;
    private final int length;
    private final OptionalInt maxWindows;

    private TextScorer(Tokenizer tokenizer, int length, OptionalInt maxWindows) {
        this.tokenizer = tokenizer;
        this.length = length;
        this.maxWindows = maxWindows;
    }

    /// Creates a scorer whose windows, except for the first of each document, begin with one token of context.
    ///
    /// @param tokenizer the models' tokenizer
    /// @param length tokens in a window, at least 2; usually `max_position_embeddings`
    /// @return the scorer
    public static TextScorer of(Tokenizer tokenizer, int length) {
        InputException.require(length >= 2, "score", "the length of a window", "at least 2 tokens", length);
        return new TextScorer(tokenizer, length, OptionalInt.empty());
    }

    /// Returns a scorer that scores only a sample: windows spaced evenly over all documents, in the same
    /// places for every model.
    ///
    /// @param windows maximum number of windows to score, at least 1
    /// @return a changed scorer
    public TextScorer withMaxWindows(int windows) {
        InputException.requireAtLeast("score: the number of windows", windows, 1);
        return new TextScorer(tokenizer, length, OptionalInt.of(windows));
    }

    /// Scores documents.
    ///
    /// @param model the model
    /// @param numRecursions maximum depth of the model's tokens, at least 1
    /// @param documents token ids of each document, without end-of-text
    /// @param options the routing options
    /// @param progress receives the number of tokens scored so far, from time to time
    /// @return the score
    /// @throws InputException if there is no token to score
    public TextScore score(
            SequenceScorer model,
            int numRecursions,
            List<int[]> documents,
            ScoreOptions options,
            LongConsumer progress) {
        List<ScoringWindow> windows = windows(documents);
        InputException.require(!windows.isEmpty(), "score: there is no text to score");
        List<TextScore.Window> results = new ArrayList<>(windows.size());
        long tokens = 0;
        for (int from = 0; from < windows.size(); from += SEQUENCES_AT_ONCE) {
            List<ScoringWindow> batch = windows.subList(from, Math.min(windows.size(), from + SEQUENCES_AT_ONCE));
            List<ScoredSequence> scored =
                    model.score(batch.stream().map(ScoringWindow::ids).toList(), options);
            for (int i = 0; i < batch.size(); i++) {
                TextScore.Window result = measure(batch.get(i), scored.get(i), numRecursions);
                results.add(result);
                tokens += result.tokens();
            }
            progress.accept(tokens);
        }
        return new TextScore(results, numRecursions);
    }

    /// Counts the tokens that {@link #score} would score.
    ///
    /// @param documents token ids of each document, without end-of-text
    /// @return tokens
    public long countTokens(List<int[]> documents) {
        return windows(documents).stream().mapToLong(ScoringWindow::scored).sum();
    }

    /// Returns the windows that {@link #score} would score.
    ///
    /// @param documents token ids of each document, without end-of-text
    /// @return the windows, in the order of the documents
    public List<ScoringWindow> windows(List<int[]> documents) {
        List<ScoringWindow> all = ScoringWindow.cut(documents, tokenizer.endOfTextId(), length, length - 1);
        return maxWindows.isPresent() ? ScoringWindow.spread(all, maxWindows.getAsInt()) : all;
    }

    private TextScore.Window measure(ScoringWindow window, ScoredSequence scored, int numRecursions) {
        double nll = 0;
        for (int i = window.firstScored(); i < window.ids().length; i++) {
            nll -= scored.logprobs()[i];
        }
        return TextScore.Window.of(window, tokenizer, nll, scored.depths(), numRecursions);
    }
}
