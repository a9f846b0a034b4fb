package dev.saiki.checkpoint.provenance;

import java.util.Optional;

/// The statistics of a comparison. Prompts and positions count from 0; a position's values concern the next token.
///
/// @param quantity what was compared
/// @param prompts how many texts
/// @param positions at how many positions numbers were compared
/// @param notFinite at how many the model computed a number that is not finite
/// @param differences how far the numbers are apart; empty if none of the model's was finite
/// @param likeliest how often the likeliest token is the same
/// @param greedy what the model would have written
/// @param promptIds what the tokenizers made of the prompts
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
        /// Scores before the softmax, of the whole vocabulary.
        LOGITS,
        /// Natural-log probabilities of the tokens that the reference names.
        LOGPROBS
    }

    /// Absolute differences.
    ///
    /// @param largest of all
    /// @param median of the largest at each position
    /// @param prompt where the largest is
    /// @param position where the largest is
    /// @param token where the largest is
    /// @param ours the model's number there
    /// @param theirs the reference's
    public record Differences(
            double largest, double median, int prompt, int position, int token, double ours, double theirs) {}

    /// The agreement on the most likely token, where the reference clearly prefers it to the second.
    ///
    /// @param clear positions
    /// @param equal those of them where the model's is the same
    public record Likeliest(long clear, long equal) {}

    /// The agreement of the model with the reference's greedy continuation.
    ///
    /// @param tokens of the reference
    /// @param equal those that the model would have written too, after the same text
    /// @param clear those that it would not, by a clear margin
    /// @param equalTexts continuations whose text is the same
    /// @param otherTexts those of the same tokens, but another text
    /// @param firstOtherText the first prompt whose continuation is such a one
    /// @param first the first that it would not, a clear one if there is any
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
    /// @param prompt which text
    /// @param position after which it stands
    /// @param ours what the model would have written
    /// @param theirs what the reference wrote
    /// @param margin by which the model prefers its own, as a difference of its logits
    public record Departure(int prompt, int position, int ours, int theirs, double margin) {}

    /// The token ids of the prompts.
    ///
    /// @param equal prompts with the same ids from both tokenizers
    /// @param other prompts with different ids
    /// @param untold prompts whose text or ids the reference does not tell, or that the model has no tokenizer for
    /// @param firstOther the first prompt of other ids
    public record PromptIds(int equal, int other, int untold, Optional<Integer> firstOther) {}
}
