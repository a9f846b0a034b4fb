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

/// An encoder of conversations: writes turns down in the format that a model knows.
public sealed interface ChatEncoder permits PlainEncoder, ChatMlEncoder, TemplateEncoder {

    /// Chooses the format that fits a checkpoint: its own template if it has one, for another format than the one
    /// it was trained with would make it worse in silence; markers of turns if its tokenizer has them; names else.
    ///
    /// @param model the checkpoint's folder
    /// @param tokenizer of the model
    /// @param clock what a template may ask for the date
    /// @return the encoder
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if its template is not supported, or its tokenizer's settings are no JSON
    static ChatEncoder of(Path model, Tokenizer tokenizer, Clock clock) throws IOException {
        if (CheckpointTemplate.isIn(model)) {
            return new TemplateEncoder(CheckpointTemplate.read(model, clock), tokenizer);
        }
        return ChatMlEncoder.fits(tokenizer) ? new ChatMlEncoder(tokenizer) : new PlainEncoder(tokenizer);
    }

    /// Writes a conversation down, up to where the model goes on.
    ///
    /// @param turns what was said, in order
    /// @param begun how the answer begins, which the model goes on from; may be empty
    /// @return tokens and text
    /// @throws InputException if the format refuses the conversation
    EncodedPrompt encode(List<ChatTurn> turns, String begun);

    /// Returns the text that ends an answer, and is not part of it.
    ///
    /// @return the text, if the format ends turns by one
    Optional<String> stopText();

    /// Returns the tokens that end an answer, and are not part of it.
    ///
    /// @return their ids; none if the format ends turns by none that the tokenizer has
    Set<Integer> endsOfTurn();
}
