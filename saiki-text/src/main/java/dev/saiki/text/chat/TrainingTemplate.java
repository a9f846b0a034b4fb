package dev.saiki.text.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

/// The chat template with which a model is fine-tuned and evaluated on conversations.
///
/// @param template the checkpoint's own template, or a generated one that puts the speakers' names before the
///     messages
/// @param isMade whether the template was generated because the checkpoint has none
public record TrainingTemplate(CheckpointTemplate template, boolean isMade) {

    /// A fixed date for templates that print today's date, so that a conversation always gives the same tokens.
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    /// Reads the template of a checkpoint, or generates one.
    ///
    /// @param model the checkpoint's folder
    /// @param tokenizer the model's tokenizer
    /// @return the template
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if the checkpoint's template is not supported
    public static TrainingTemplate of(Path model, Tokenizer tokenizer) throws IOException {
        return CheckpointTemplate.isIn(model)
                ? new TrainingTemplate(CheckpointTemplate.read(model, CLOCK), false)
                : new TrainingTemplate(
                        CheckpointTemplate.plain(begin(tokenizer), tokenizer.tokenText(tokenizer.endOfTextId()), CLOCK),
                        true);
    }

    /// The token that begins every text of the tokenizer, or an empty string if there is none.
    private static String begin(Tokenizer tokenizer) {
        int[] ids = tokenizer.encodePrompt("a");
        return tokenizer.isText(ids[0]) ? "" : tokenizer.tokenText(ids[0]);
    }
}
