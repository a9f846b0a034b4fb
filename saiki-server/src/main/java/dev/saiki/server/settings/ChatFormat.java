package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import dev.saiki.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// How a conversation becomes the text that a model continues.
public enum ChatFormat {
    /// Names before what was said, for models that know no markers: the system's words and an empty line, then
    /// `User: …` and `Assistant: …` in lines of their own. The answer ends where the next `User:` would begin.
    PLAIN,
    /// Turns between the tokens `<|im_start|>` and `<|im_end|>`, which what is said cannot forge.
    CHATML,
    /// None that is known: conversations are refused.
    NONE;

    /// The token with which a turn begins in {@link #CHATML}.
    public static final String TURN_BEGINS = "<|im_start|>";

    /// The token with which it ends.
    public static final String TURN_ENDS = "<|im_end|>";

    private static final long MOST_CONFIG_BYTES = 1 << 25;

    /// Chooses what fits a checkpoint. One that has a template of its own gets {@link #NONE}: templates are programs,
    /// which are not run here, and another format than the one it was trained with would make it worse in silence.
    ///
    /// @param model the checkpoint's folder
    /// @param tokenizer of the model
    /// @return the format
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if its tokenizer's settings are no JSON
    public static ChatFormat of(Path model, Tokenizer tokenizer) throws IOException {
        if (Files.exists(model.resolve("chat_template.jinja")) || hasTemplate(model.resolve("tokenizer_config.json"))) {
            return NONE;
        }
        boolean hasMarkers = tokenizer.specialId(TURN_BEGINS).isPresent()
                && tokenizer.specialId(TURN_ENDS).isPresent();
        return hasMarkers ? CHATML : PLAIN;
    }

    private static boolean hasTemplate(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        if (Files.size(file) > MOST_CONFIG_BYTES) {
            throw InputException.of(file.toString(), "the file", "at most " + MOST_CONFIG_BYTES + " bytes", "more");
        }
        try {
            return JsonMapper.shared().readTree(Files.readAllBytes(file)).hasNonNull("chat_template");
        } catch (JacksonException e) {
            throw new InputException(file + ": is not JSON", e);
        }
    }
}
