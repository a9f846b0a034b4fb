package dev.saiki.eval.chat;

import java.util.stream.IntStream;

/// The loss of a model on the answers of a conversation, and the depths of its tokens.
///
/// @param nats sum of the losses of the answers' tokens, including the tokens that end turns
/// @param tokens number of tokens in the answers
/// @param prompts depths of the tokens before and between the answers
/// @param answers depths of the answers' tokens, except the last token of each answer, which the model does not
///     read
public record ConversationLoss(double nats, int tokens, Depths prompts, Depths answers) {

    /// The depths of tokens.
    ///
    /// @param sum total recursions of the tokens
    /// @param tokens number of tokens
    public record Depths(long sum, int tokens) {

        static final Depths NONE = new Depths(0, 0);

        /// Adds the depths of the tokens in a range of positions.
        Depths plus(int[] depths, int from, int to) {
            long added = IntStream.range(from, to).mapToLong(i -> depths[i]).sum();
            return new Depths(sum + added, tokens + Math.max(0, to - from));
        }
    }
}
