package dev.saiki.eval;

import dev.saiki.model.Continuation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// A stretch of a document that is scored in one pass.
///
/// @param document index of the document
/// @param ids token ids, the context first
/// @param firstScored index in `ids` of the first scored token; the tokens before it are context only
@SuppressWarnings("ArrayRecordComponent") // Many large instances, never compared.
public record ScoringWindow(int document, int[] ids, int firstScored) {

    /// Cuts documents into windows so that every token is scored exactly once.
    ///
    /// The first window of a document begins with `prefixId`, so that the document's first token is predicted too;
    /// each later window begins with context from the window before.
    ///
    /// @param documents token ids of each document
    /// @param prefixId token to put before each document: the end-of-text token
    /// @param length maximum number of tokens in a window, context included, at least 2
    /// @param stride maximum number of tokens scored in a window, from 1 to `length - 1`; the rest is context
    /// @return the windows, in the order of the documents
    public static List<ScoringWindow> cut(List<int[]> documents, int prefixId, int length, int stride) {
        return cut(documents, prefixId, length, stride, false);
    }

    /// Cuts documents like {@link #cut(List, int, int, int)}, but extends the last window of each document as
    /// far as possible to the left, so that the window's tokens have the maximum context. At the maximum
    /// stride, the result equals the rolling log-likelihood of lm-evaluation-harness.
    ///
    /// @param documents token ids of each document
    /// @param prefixId token to put before each document
    /// @param length maximum number of tokens in a window, context included, at least 2
    /// @param stride maximum number of tokens scored in a window, from 1 to `length - 1`; the rest is context
    /// @return the windows, in the order of the documents
    public static List<ScoringWindow> rolling(List<int[]> documents, int prefixId, int length, int stride) {
        return cut(documents, prefixId, length, stride, true);
    }

    private static List<ScoringWindow> cut(
            List<int[]> documents, int prefixId, int length, int stride, boolean lastIsFull) {
        if (stride < 1 || stride >= length) {
            throw new IllegalArgumentException(
                    "stride must be from 1 to " + (length - 1) + " in windows of " + length + " tokens, got " + stride);
        }
        List<ScoringWindow> windows = new ArrayList<>();
        for (int document = 0; document < documents.size(); document++) {
            int[] ids = documents.get(document);
            int[] prefixed = new int[ids.length + 1];
            prefixed[0] = prefixId;
            System.arraycopy(ids, 0, prefixed, 1, ids.length);
            for (int from = 1; from < prefixed.length; ) {
                int context = from == 1 ? 1 : length - stride;
                int to = Math.min(prefixed.length, from - context + length);
                int start = lastIsFull ? Math.max(0, to - length) : from - context;
                windows.add(new ScoringWindow(document, Arrays.copyOfRange(prefixed, start, to), from - start));
                from = to;
            }
        }
        return windows;
    }

    /// Selects evenly spaced windows.
    ///
    /// @param windows all windows in order
    /// @param most maximum number of windows to keep, at least 1
    /// @return the windows kept, in order
    public static List<ScoringWindow> spread(List<ScoringWindow> windows, int most) {
        if (windows.size() <= most) {
            return windows;
        }
        return LongStream.range(0, most)
                .mapToObj(i -> windows.get((int) ((2 * i + 1) * windows.size() / (2L * most))))
                .toList();
    }

    /// Returns the window as a context and its scored continuation.
    ///
    /// @return the continuation
    public Continuation continuation() {
        return new Continuation(ids, firstScored);
    }

    /// Counts the bytes of text that the scored tokens encode.
    ///
    /// @param tokenizer the model's tokenizer
    /// @return bytes
    public long bytes(Tokenizer tokenizer) {
        return tokenizer.decodeBytes(Arrays.copyOfRange(ids, firstScored, ids.length)).length;
    }

    /// Counts the scored tokens.
    ///
    /// @return the number of scored tokens
    public int scored() {
        return ids.length - firstScored;
    }
}
