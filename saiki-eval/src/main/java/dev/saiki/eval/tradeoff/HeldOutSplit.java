package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// Held-out text divided into two parts that share no scored token: one part for choosing thresholds, and one
/// for reporting.
///
/// @param tokenizer the model's tokenizer
/// @param calibration windows for choosing thresholds
/// @param test windows for reporting
public record HeldOutSplit(Tokenizer tokenizer, List<ScoringWindow> calibration, List<ScoringWindow> test) {

    /// Of this number of successive documents, or windows if there are few documents, one is for calibration.
    private static final int EVERY = 4;

    /// The minimum number of documents for dividing the text by whole documents.
    private static final int MIN_DOCUMENTS = 2 * EVERY;

    /// Copies the lists.
    ///
    /// @throws InputException if one of the parts is empty
    public HeldOutSplit {
        calibration = List.copyOf(calibration);
        test = List.copyOf(test);
        if (calibration.isEmpty() || test.isEmpty()) {
            throw new InputException(
                    "the text is too short to set thresholds on one part and measure on another;" + " give more text");
        }
    }

    /// Divides the text: every fourth document is for calibration; with fewer than eight documents, every
    /// fourth window.
    ///
    /// @param documents token ids of each document, without end-of-text
    /// @param tokenizer the model's tokenizer
    /// @param config the model's configuration, whose context length is the length of a window
    /// @param maxWindows maximum number of windows to report on; calibration gets at most a third of that number
    /// @return the two parts; the same for every model with the same tokenizer and context length
    public static HeldOutSplit of(List<int[]> documents, Tokenizer tokenizer, ModelConfig config, int maxWindows) {
        int prefix = config.bosTokenId().orElse(tokenizer.endOfTextId());
        int context = config.maxPositionEmbeddings();
        List<ScoringWindow> calibration = new ArrayList<>();
        List<ScoringWindow> test = new ArrayList<>();
        List<ScoringWindow> windows = ScoringWindow.rolling(documents, prefix, context + 1, context);
        for (int i = 0; i < windows.size(); i++) {
            int counted = documents.size() < MIN_DOCUMENTS ? i : windows.get(i).document();
            (counted % EVERY == EVERY - 1 ? calibration : test).add(windows.get(i));
        }
        return new HeldOutSplit(
                tokenizer,
                ScoringWindow.spread(calibration, Math.max(1, maxWindows / (EVERY - 1))),
                ScoringWindow.spread(test, maxWindows));
    }

    static List<Continuation> continuations(List<ScoringWindow> windows) {
        return windows.stream().map(ScoringWindow::continuation).toList();
    }
}
