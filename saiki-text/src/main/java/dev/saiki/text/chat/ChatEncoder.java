package dev.saiki.text.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// An encoder of conversations into the format that a model was trained on.
public sealed interface ChatEncoder permits PlainEncoder, ChatMlEncoder, TemplateEncoder {

    /// Chooses the format for a checkpoint: the checkpoint's own chat template if there is one; otherwise
    /// ChatML if the tokenizer has the turn markers; otherwise the speakers' names. Where a template exists,
    /// any other format would silently degrade the answers.
    ///
    /// @param model the checkpoint's folder
    /// @param tokenizer the model's tokenizer
    /// @param clock the source of the date for templates that use it
    /// @return the encoder
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if the template is not supported, or the tokenizer's settings are not valid JSON
    static ChatEncoder of(Path model, Tokenizer tokenizer, Clock clock) throws IOException {
        if (CheckpointTemplate.isIn(model)) {
            return new TemplateEncoder(CheckpointTemplate.read(model, clock), tokenizer);
        }
        return ChatMlEncoder.fits(tokenizer) ? new ChatMlEncoder(tokenizer) : new PlainEncoder(tokenizer);
    }

    /// Formats and encodes a conversation up to the start of the model's answer.
    ///
    /// @param turns the messages, in order
    /// @param begun the beginning of the answer, for the model to continue; may be empty
    /// @return tokens and text
    /// @throws InputException if the format refuses the conversation
    EncodedPrompt encode(List<ChatTurn> turns, String begun);

    /// Returns the text that ends an answer and is not part of it.
    ///
    /// @return the text, if the format has one
    Optional<String> stopText();

    /// Returns the tokens that end an answer and are not part of it.
    ///
    /// @return the ids; empty if no single token ends an answer
    Set<Integer> endsOfTurn();
}
