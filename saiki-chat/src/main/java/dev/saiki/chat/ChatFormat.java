package dev.saiki.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatMlEncoder;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/// A format that turns a conversation into the model's prompt.
public enum ChatFormat {
    /// A name before each turn, for models without special tokens: the system's text and an empty line, then
    /// `User: …` and `Assistant: …` on separate lines. The answer ends where the next `User:` would begin.
    PLAIN,
    /// Turns enclosed by the tokens `<|im_start|>` and `<|im_end|>`, which the text of a turn cannot forge.
    CHATML,
    /// The checkpoint's own chat template ({@link CheckpointTemplate}).
    TEMPLATE,
    /// None: conversations are refused.
    NONE;

    /// The token that begins a turn in {@link #CHATML}.
    public static final String TURN_BEGINS = ChatMlEncoder.TURN_BEGINS;

    /// The token that ends a turn.
    public static final String TURN_ENDS = ChatMlEncoder.TURN_ENDS;

    /// Chooses the format for a checkpoint: the checkpoint's own template if it has one, because any other
    /// format would silently degrade the answers; otherwise ChatML if the tokenizer has the tokens for it;
    /// otherwise plain.
    ///
    /// @param model the checkpoint's folder
    /// @param tokenizer the model's tokenizer
    /// @return the format
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if the tokenizer's settings are not JSON
    public static ChatFormat of(Path model, Tokenizer tokenizer) throws IOException {
        if (CheckpointTemplate.isIn(model)) {
            return TEMPLATE;
        }
        return ChatMlEncoder.fits(tokenizer) ? CHATML : PLAIN;
    }
}
