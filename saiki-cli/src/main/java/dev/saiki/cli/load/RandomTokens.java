package dev.saiki.cli.load;

import java.util.SplittableRandom;

/// Prompts of uniformly random tokens, for models without a tokenizer; a router treats them differently from
/// text.
///
/// @param vocabulary number of token ids
public record RandomTokens(int vocabulary) implements PromptSource {

    @Override
    public Drawing draw(SplittableRandom random) {
        return tokens -> random.ints(tokens, 0, vocabulary).toArray();
    }

    @Override
    public String name() {
        return "random tokens";
    }
}
