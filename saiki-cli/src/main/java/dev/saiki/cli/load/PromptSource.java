package dev.saiki.cli.load;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.SplittableRandom;

/// A source of the prompts of a load.
///
/// A router assigns the trained depths to real text, but arbitrary depths to random tokens, which mostly exit at
/// once. So loads consist of text if the model has a tokenizer, and results name the source of the prompts.
public sealed interface PromptSource permits TextPrompts, RandomTokens {

    /// A sequence of randomly drawn prompts. Not thread-safe.
    interface Drawing {

        /// Draws a prompt.
        ///
        /// @param tokens length of the prompt
        /// @return the prompt's tokens
        int[] next(int tokens);
    }

    /// Starts drawing prompts.
    ///
    /// @param random source of random numbers; equal sources give equal prompts
    /// @return prompts; no two begin at the same position of the text, unless it is too short
    Drawing draw(SplittableRandom random);

    /// Returns the name of the source.
    ///
    /// @return a name of the text, or "random tokens"
    String name();

    /// Returns prompts for a model: text if it has a tokenizer, random tokens otherwise.
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
