package dev.saiki.eval.chat;

/// The loss of a model on the answers of a conversation, and how deep it read.
///
/// @param nats the sum over the answers' tokens, those that end turns too
/// @param tokens of the answers
/// @param prompts what is read between answers
/// @param answers the answers' own tokens, as far as they are read again
public record ConversationLoss(double nats, int tokens, Depths prompts, Depths answers) {

    /// The depths of tokens.
    ///
    /// @param sum recursions of all of them
    /// @param tokens how many
    public record Depths(long sum, int tokens) {

        static final Depths NONE = new Depths(0, 0);

        /// Adds the tokens from one position to another.
        Depths plus(int[] depths, int from, int to) {
            long all = sum;
            for (int i = from; i < to; i++) {
                all += depths[i];
            }
            return new Depths(all, tokens + Math.max(0, to - from));
        }
    }
}
