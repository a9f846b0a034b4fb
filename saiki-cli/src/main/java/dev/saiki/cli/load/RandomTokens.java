package dev.saiki.cli.load;

import java.util.SplittableRandom;

/// Prompts of uniformly drawn tokens, for models without a tokenizer: no text, and to a router like none.
///
/// @param vocabulary how many token ids there are
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
