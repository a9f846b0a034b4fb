package dev.saiki.cli.load;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.SplittableRandom;

/// The material that the prompts of a load are made of.
///
/// A router sends tokens of a text as deep as it was trained to, and random tokens anywhere, mostly out at once. So a
/// load is of text wherever there is a tokenizer, and says what it was.
public sealed interface PromptSource permits TextPrompts, RandomTokens {

    /// Prompts that are drawn one after the other. Used by one thread.
    interface Drawing {

        /// Draws a prompt.
        ///
        /// @param tokens its length
        /// @return its tokens
        int[] next(int tokens);
    }

    /// Begins to draw.
    ///
    /// @param random the same numbers give the same prompts
    /// @return prompts, of which no two begin at the same place
    Drawing draw(SplittableRandom random);

    /// Returns what the prompts are made of.
    ///
    /// @return a name of the text, or "random tokens"
    String name();

    /// Returns prompts for a model: of the text if it has a tokenizer, of random tokens if not.
    ///
    /// @param model the model
    /// @param corpus the text
    /// @return the prompts
    /// @throws dev.saiki.io.InputException if the text cannot be read
    static PromptSource of(CheckpointDirectory model, Corpus corpus) {
        return model.hasTokenizer()
                ? TextPrompts.of(corpus, Tokenizer.load(model.tokenizer()))
                : new RandomTokens(model.config().vocabSize());
    }
}
