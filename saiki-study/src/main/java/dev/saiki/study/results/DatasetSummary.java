package dev.saiki.study.results;

import java.util.List;

/// The text of a study. The lists have one entry a scored row, the same rows for every run; the losses of
/// the rows of each measurement are in their order.
///
/// @param corpus what the text is: the corpus that was prepared, or the folder of the dataset
/// @param dataHash identifies documents and splits
/// @param vocabSize tokens in the vocabulary
/// @param trainDocuments documents to train on
/// @param trainTokens tokens in them
/// @param heldOutDocuments documents held out
/// @param heldOutTokens tokens in them
/// @param context tokens that a model sees at once
/// @param scoredTokens held-out tokens in the scored rows
/// @param scoredBytes bytes of text that these stand for
/// @param tuningTokens held-out tokens, in other documents, on which learning rates and sizes are chosen
/// @param rowDocuments the held-out document of each row
/// @param rowTokens the scored tokens of each row
public record DatasetSummary(
        String corpus,
        String dataHash,
        int vocabSize,
        long trainDocuments,
        long trainTokens,
        long heldOutDocuments,
        long heldOutTokens,
        int context,
        long scoredTokens,
        long scoredBytes,
        long tuningTokens,
        List<Integer> rowDocuments,
        List<Long> rowTokens) {
    /// Keeps its own copies of the lists.
    public DatasetSummary {
        rowDocuments = List.copyOf(rowDocuments);
        rowTokens = List.copyOf(rowTokens);
    }
}
