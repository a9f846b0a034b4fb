package dev.saiki.checkpoint.provenance;

import java.util.Optional;

/// The statistics of a comparison. Prompts and positions are numbered from 0; the values at a position are for the
/// next token.
///
/// @param quantity the compared quantity
/// @param prompts the number of texts
/// @param positions number of positions compared
/// @param notFinite number of positions at which the model computed a number that is not finite
/// @param differences the differences between the numbers; empty if none of the model's numbers was finite
/// @param likeliest the agreement on the most likely token
/// @param greedy the agreement with the greedy continuation
/// @param promptIds the agreement on the prompts' token ids
public record VerificationStatistics(
        Quantity quantity,
        int prompts,
        long positions,
        long notFinite,
        Optional<Differences> differences,
        Likeliest likeliest,
        Greedy greedy,
        PromptIds promptIds) {

    /// The compared quantity.
    public enum Quantity {
        /// The logits of the whole vocabulary, before the softmax.
        LOGITS,
        /// Natural-log probabilities of the tokens in the reference.
        LOGPROBS
    }

    /// Absolute differences.
    ///
    /// @param largest the largest difference
    /// @param median the median, over positions, of the largest difference at each position
    /// @param prompt the prompt of the largest difference
    /// @param position the position of the largest difference
    /// @param token the token of the largest difference
    /// @param ours the model's number at the largest difference
    /// @param theirs the reference's number at the largest difference
    public record Differences(
            double largest, double median, int prompt, int position, int token, double ours, double theirs) {}

    /// The agreement on the most likely token, at positions where the reference clearly prefers it to the
    /// second most likely.
    ///
    /// @param clear number of positions with a clear preference
    /// @param equal number of positions with a clear preference at which the model agrees
    public record Likeliest(long clear, long equal) {}

    /// The agreement of the model with the reference's greedy continuation.
    ///
    /// @param tokens number of tokens in the reference
    /// @param equal number of these tokens that the model would generate too after the same text
    /// @param clear number of these tokens that the model clearly would not generate
    /// @param equalTexts number of continuations with the same text
    /// @param otherTexts number of continuations with the same tokens but another text
    /// @param firstOtherText the first prompt whose continuation has the same tokens but another text
    /// @param first the first token that the model clearly would not generate or, without one, the first that
    ///     it would not generate
    public record Greedy(
            long tokens,
            long equal,
            long clear,
            int equalTexts,
            int otherTexts,
            Optional<Integer> firstOtherText,
            Optional<Departure> first) {}

    /// A token of the reference that the model would not generate.
    ///
    /// @param prompt the prompt
    /// @param position the position before the token
    /// @param ours the token that the model would generate
    /// @param theirs the reference's token
    /// @param margin the model's logit of its own token minus its logit of the reference's token
    public record Departure(int prompt, int position, int ours, int theirs, double margin) {}

    /// The token ids of the prompts.
    ///
    /// @param equal number of prompts with the same ids from both tokenizers
    /// @param other number of prompts with different ids
    /// @param untold number of prompts that were not compared, because the reference contains no text or ids
    ///     or the model has no tokenizer
    /// @param firstOther the first prompt with different ids
    public record PromptIds(int equal, int other, int untold, Optional<Integer> firstOther) {}
}
