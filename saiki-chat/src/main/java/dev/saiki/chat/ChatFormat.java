package dev.saiki.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatMlEncoder;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/// A format in which a conversation is written as the model's prompt.
public enum ChatFormat {
    /// Names before what was said, for models that know no markers: the system's words and an empty line, then
    /// `User: …` and `Assistant: …` in lines of their own. The answer ends where the next `User:` would begin.
    PLAIN,
    /// Turns between the tokens `<|im_start|>` and `<|im_end|>`, which what is said cannot forge.
    CHATML,
    /// The checkpoint's own chat template ({@link CheckpointTemplate}).
    TEMPLATE,
    /// None: conversations are refused.
    NONE;

    /// The token with which a turn begins in {@link #CHATML}.
    public static final String TURN_BEGINS = ChatMlEncoder.TURN_BEGINS;

    /// The token with which it ends.
    public static final String TURN_ENDS = ChatMlEncoder.TURN_ENDS;

    /// Chooses what fits a checkpoint: its own template if it has one, for another format than the one it was
    /// trained with would make it worse in silence.
    ///
    /// @param model the checkpoint's folder
    /// @param tokenizer of the model
    /// @return the format
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if its tokenizer's settings are no JSON
    public static ChatFormat of(Path model, Tokenizer tokenizer) throws IOException {
        if (CheckpointTemplate.isIn(model)) {
            return TEMPLATE;
        }
        return ChatMlEncoder.fits(tokenizer) ? CHATML : PLAIN;
    }
}
