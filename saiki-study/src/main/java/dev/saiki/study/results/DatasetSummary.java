package dev.saiki.study.results;

import java.util.List;

/// The text of a study. The lists have one entry per scored row, with the same rows for every run; the row losses
/// of each measurement have the same order.
///
/// @param corpus description of the text: the prepared corpus, or the folder of the dataset
/// @param dataHash hash of documents and splits
/// @param vocabSize size of the vocabulary
/// @param trainDocuments documents to train on
/// @param trainTokens tokens in the training documents
/// @param heldOutDocuments number of held-out documents
/// @param heldOutTokens tokens in the held-out documents
/// @param context context length of the models, in tokens
/// @param scoredTokens held-out tokens in the scored rows
/// @param scoredBytes bytes of text that the scored tokens encode
/// @param tuningTokens held-out tokens, in documents without scored rows, for choosing learning rates, sizes and
///     exit thresholds
/// @param rowDocuments the held-out document of each row
/// @param rowTokens the number of scored tokens in each row
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
    /// Copies the lists.
    public DatasetSummary {
        rowDocuments = List.copyOf(rowDocuments);
        rowTokens = List.copyOf(rowTokens);
    }
}
