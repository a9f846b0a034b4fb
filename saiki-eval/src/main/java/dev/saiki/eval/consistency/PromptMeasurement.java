package dev.saiki.eval.consistency;

import java.util.List;

/// The behaviour of a model on a prompt.
///
/// @param item the question
/// @param group the kind of wording or customer
/// @param meanDepth mean recursions of the tokens of prompt and answer
/// @param answer the model's answer, in lower case with single spaces
/// @param tokens the prompt's tokens, each with its depth
public record PromptMeasurement(String item, String group, double meanDepth, String answer, List<DepthToken> tokens) {

    /// Copies the list.
    public PromptMeasurement {
        tokens = List.copyOf(tokens);
    }

    /// A token with its depth.
    ///
    /// @param text text of the token
    /// @param depth number of recursions that the token took, from 1
    public record DepthToken(String text, int depth) {}
}
