package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.text.files.JsonKind;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A reader of a JSON Lines file, one document per line.
final class JsonLinesReader implements DocumentSource.Cursor {

    private final JsonLines lines;
    private final String textField;

    /// Wraps an open file.
    ///
    /// @param name the name of the file in messages
    /// @param input the decompressed bytes of the file
    /// @param textField the field that holds the text
    JsonLinesReader(String name, InputStream input, String textField) {
        this.lines = new JsonLines(name, input);
        this.textField = textField;
    }

    @Override
    public @Nullable Document next() {
        JsonLines.Line line = lines.next();
        return line == null ? null : new Document(line.where(), text(line));
    }

    private String text(JsonLines.Line line) {
        JsonNode text = line.object().path(textField);
        if (text.isMissingNode()) {
            throw new InputException(line.where() + ": no field '" + textField + "'"
                    + Suggestions.hint(textField, line.object().propertyNames())
                    + "; --text-field names another");
        }
        if (!text.isString()) {
            throw InputException.of(line.where(), "field '" + textField + "'", "a string", JsonKind.of(text));
        }
        return text.stringValue();
    }

    @Override
    public void close() {
        lines.close();
    }
}
