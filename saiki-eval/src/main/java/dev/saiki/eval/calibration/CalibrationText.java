package dev.saiki.eval.calibration;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TokenViews;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/// A text in two parts that share no scored token: one to fit thresholds to, one to measure them on.
///
/// @param name where it came from
/// @param sha256 of the bytes of its documents, with a zero byte between two of them
/// @param documents documents in it
/// @param parts what the two parts are made of
/// @param fit what thresholds are fitted to
/// @param heldOut what shares and losses are measured on
public record CalibrationText(
        String name, String sha256, int documents, Parts parts, List<ScoringWindow> fit, List<ScoringWindow> heldOut) {

    /// Fewer tokens do not tell shares to the hundredth: tokens of a text resemble each other.
    public static final int FEWEST_TOKENS = 100_000;

    /// Tokens that are enough: of a longer text as many are taken, evenly from all of it.
    public static final int DEFAULT_MOST_TOKENS = 500_000;

    /// Fewest documents that are divided whole.
    private static final int FEWEST_DOCUMENTS = 8;

    /// Least share of the tokens that a part of whole documents must have.
    private static final double LEAST_PART = 0.25;

    /// The pieces that the two parts are made of.
    public enum Parts {
        /// Whole documents.
        DOCUMENTS,
        /// Windows, since the documents are too few or too unlike in length.
        WINDOWS
    }

    /// Keeps its own copies of the lists.
    public CalibrationText {
        fit = List.copyOf(fit);
        heldOut = List.copyOf(heldOut);
    }

    /// Divides documents: each goes to the part that has fewer tokens so far. Windows take turns where
    /// documents are too few, or one of them is most of the text.
    ///
    /// @param name where they came from
    /// @param documents token ids of each document, without end-of-text
    /// @param tokenizer the model's tokenizer
    /// @param config the model, whose context is the length of a window
    /// @param mostTokens most tokens to take
    /// @return the two parts
    /// @throws InputException if the text has fewer than {@value #FEWEST_TOKENS} tokens
    public static CalibrationText of(
            String name, List<int[]> documents, Tokenizer tokenizer, ModelConfig config, int mostTokens) {
        if (mostTokens < FEWEST_TOKENS) {
            throw InputException.of("calibrate", "the number of tokens", "at least " + FEWEST_TOKENS, mostTokens);
        }
        long tokens = documents.stream().mapToLong(ids -> ids.length).sum();
        if (tokens < FEWEST_TOKENS) {
            throw new InputException("calibrate: " + name + " must have at least " + FEWEST_TOKENS
                    + " tokens, or shares are the luck of a few texts, got " + tokens + "; give more text");
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
        double kept = Math.min(1, (double) mostTokens / tokens);
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
        return documents.size() >= FEWEST_DOCUMENTS && Math.min(heldOut, tokens - heldOut) >= LEAST_PART * tokens;
    }

    /// Counts the scored tokens of a part.
    static long tokens(List<ScoringWindow> part) {
        return part.stream().mapToLong(ScoringWindow::scored).sum();
    }
}
