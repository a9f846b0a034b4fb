package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// Held-out text in two parts that share no scored token: one to choose thresholds on, one to report.
///
/// @param tokenizer the model's tokenizer
/// @param calibration what thresholds are chosen on
/// @param test what is reported
public record HeldOutSplit(Tokenizer tokenizer, List<ScoringWindow> calibration, List<ScoringWindow> test) {

    /// One document in so many, or one window where there are few documents, is for calibration.
    private static final int EVERY = 4;

    /// Fewest documents that are divided whole.
    private static final int FEWEST_DOCUMENTS = 2 * EVERY;

    /// Keeps its own copies of the lists.
    ///
    /// @throws InputException if one of the parts is empty
    public HeldOutSplit {
        calibration = List.copyOf(calibration);
        test = List.copyOf(test);
        if (calibration.isEmpty() || test.isEmpty()) {
            throw new InputException("the text is too short to choose thresholds on one part and to report another;"
                    + " give more of it");
        }
    }

    /// Divides documents: every fourth is for calibration, or every fourth window where there are fewer than eight.
    ///
    /// @param documents token ids of each document, without end-of-text
    /// @param tokenizer the model's tokenizer
    /// @param config the model, whose context is the length of a window
    /// @param mostWindows most windows to report on; a third as many are for calibration
    /// @return the two parts; the same for every model of the same tokenizer and context
    public static HeldOutSplit of(List<int[]> documents, Tokenizer tokenizer, ModelConfig config, int mostWindows) {
        int prefix = config.bosTokenId().orElse(tokenizer.endOfTextId());
        int context = config.maxPositionEmbeddings();
        List<ScoringWindow> calibration = new ArrayList<>();
        List<ScoringWindow> test = new ArrayList<>();
        List<ScoringWindow> windows = ScoringWindow.rolling(documents, prefix, context + 1, context);
        for (int i = 0; i < windows.size(); i++) {
            int counted =
                    documents.size() < FEWEST_DOCUMENTS ? i : windows.get(i).document();
            (counted % EVERY == EVERY - 1 ? calibration : test).add(windows.get(i));
        }
        return new HeldOutSplit(
                tokenizer,
                ScoringWindow.spread(calibration, Math.max(1, mostWindows / (EVERY - 1))),
                ScoringWindow.spread(test, mostWindows));
    }

    static List<Continuation> continuations(List<ScoringWindow> windows) {
        return windows.stream().map(ScoringWindow::continuation).toList();
    }
}
