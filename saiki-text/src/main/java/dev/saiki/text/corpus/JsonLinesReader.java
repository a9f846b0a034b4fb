package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.text.files.JsonKind;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A reader of a JSON Lines file, one document per line.
final class JsonLinesReader implements DocumentSource.Cursor {

    /// The field of the answers in a text.
    private static final String ANSWERS = "marked_answers";

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
        if (line == null) {
            return null;
        }
        String text = text(line);
        try {
            return new Document(line.where(), text, answers(line.object().path(ANSWERS)));
        } catch (InputException wrong) {
            throw new InputException(line.where() + ": " + wrong.getMessage(), wrong);
        }
    }

    private static List<MarkedAnswer> answers(JsonNode node) {
        if (node.isMissingNode()) {
            return List.of();
        }
        InputException.require(node.isArray(), ANSWERS, "the field", "an array", JsonKind.of(node));
        List<MarkedAnswer> answers = new ArrayList<>();
        for (JsonNode answer : node) {
            answers.add(new MarkedAnswer(
                    wholeNumber(answer, "start"), wholeNumber(answer, "end"), wholeNumber(answer, "difficulty")));
        }
        return answers;
    }

    private static int wholeNumber(JsonNode answer, String field) {
        JsonNode number = answer.path(field);
        InputException.require(number.isInt(), ANSWERS, field, "a whole number", number);
        return number.intValue();
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
