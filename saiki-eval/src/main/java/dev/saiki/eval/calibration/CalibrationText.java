package dev.saiki.eval.calibration;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TokenViews;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// A text divided into two parts that share no scored token: one part for fitting thresholds, and one for
/// measuring shares and losses.
///
/// @param name name of the text's source
/// @param sha256 hash of the bytes of the text's documents, with a zero byte between documents
/// @param documents number of documents in the text
/// @param parts the unit by which the text is divided
/// @param fit the part to which thresholds are fitted
/// @param heldOut the part on which shares and losses are measured
public record CalibrationText(
        String name, String sha256, int documents, Parts parts, List<ScoringWindow> fit, List<ScoringWindow> heldOut) {

    /// The minimum number of scored tokens. Fewer tokens cannot resolve shares to a hundredth, because tokens of a
    /// text resemble each other.
    public static final int MIN_TOKENS = 100_000;

    /// The maximum number of tokens used: longer texts are sampled evenly.
    public static final int DEFAULT_MAX_TOKENS = 500_000;

    /// The minimum number of documents for dividing the text by whole documents.
    private static final int MIN_DOCUMENTS = 8;

    /// The minimum share of the tokens in each part when the text is divided by whole documents.
    private static final double MIN_PART = 0.25;

    /// The unit by which the text is divided.
    public enum Parts {
        /// Whole documents.
        DOCUMENTS,
        /// Windows, used if the documents are too few or too unequal in length.
        WINDOWS
    }

    /// Copies the lists.
    public CalibrationText {
        fit = List.copyOf(fit);
        heldOut = List.copyOf(heldOut);
    }

    /// Divides the text by documents, and assigns each document to the part with fewer tokens so far. If there are
    /// too few documents, or a single document makes up most of the text, windows are assigned to the two parts in
    /// turn.
    ///
    /// @param name name of the documents' source
    /// @param documents token ids of each document, without end-of-text
    /// @param tokenizer the model's tokenizer
    /// @param config the model's configuration, whose context length is the length of a window
    /// @param maxTokens maximum number of tokens to take from the documents
    /// @return the two parts
    /// @throws InputException if the text has fewer than {@value #MIN_TOKENS} tokens
    public static CalibrationText of(
            String name, List<int[]> documents, Tokenizer tokenizer, ModelConfig config, int maxTokens) {
        InputException.requireAtLeast("calibrate: the number of tokens", maxTokens, MIN_TOKENS);
        long tokens = documents.stream().mapToLong(ids -> ids.length).sum();
        if (tokens < MIN_TOKENS) {
            throw new InputException("calibrate: " + name + " must have at least " + MIN_TOKENS
                    + " tokens for reliable shares, got " + tokens + "; give more text");
        }
        boolean[] held = heldOutDocuments(documents);
        Parts parts = areEven(documents, held, tokens) ? Parts.DOCUMENTS : Parts.WINDOWS;
        int context = config.maxPositionEmbeddings();
        int prefix = config.bosTokenId().orElse(tokenizer.endOfTextId());
        List<ScoringWindow> all = ScoringWindow.cut(documents, prefix, context + 1, context);
        List<ScoringWindow> fit = new ArrayList<>();
        List<ScoringWindow> heldOut = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            boolean isHeld = parts == Parts.DOCUMENTS ? held[all.get(i).document()] : i % 2 == 1;
            (isHeld ? heldOut : fit).add(all.get(i));
        }
        if (heldOut.isEmpty()) {
            throw new InputException("calibrate: " + name + " must be longer than one window of the model's context of "
                    + context + " tokens, got " + tokens + " tokens; give more text");
        }
        double kept = Math.min(1, (double) maxTokens / tokens);
        return new CalibrationText(
                name,
                TokenViews.sha256(documents, tokenizer),
                documents.size(),
                parts,
                ScoringWindow.spread(fit, (int) Math.ceil(kept * fit.size())),
                ScoringWindow.spread(heldOut, (int) Math.ceil(kept * heldOut.size())));
    }

    private static boolean[] heldOutDocuments(List<int[]> documents) {
        boolean[] held = new boolean[documents.size()];
        long fit = 0;
        long heldOut = 0;
        for (int i = 0; i < held.length; i++) {
            int length = documents.get(i).length;
            held[i] = heldOut < fit;
            fit += held[i] ? 0 : length;
            heldOut += held[i] ? length : 0;
        }
        return held;
    }

    private static boolean areEven(List<int[]> documents, boolean[] held, long tokens) {
        long heldOut = 0;
        for (int i = 0; i < held.length; i++) {
            heldOut += held[i] ? documents.get(i).length : 0;
        }
        return documents.size() >= MIN_DOCUMENTS && Math.min(heldOut, tokens - heldOut) >= MIN_PART * tokens;
    }

    /// Counts the scored tokens of a part.
    static long tokens(List<ScoringWindow> part) {
        return part.stream().mapToLong(ScoringWindow::scored).sum();
    }
}
