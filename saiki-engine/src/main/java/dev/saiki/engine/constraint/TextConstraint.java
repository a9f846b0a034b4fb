package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The form that an answer must have. Every token is drawn from those that can still lead to it, so that the
/// answer has the form unless its tokens run out first. Immutable; made once and used for any number of
/// requests.
///
/// Written here because no Java library gives the bytes that may follow a text of a context-free grammar:
/// parsers and validators judge whole texts, and libraries of automata know no recursion, which nested JSON
/// needs.
public final class TextConstraint {

    private static final int MOST_CHOICES = 1000;

    private final Grammar grammar;

    private TextConstraint(Grammar grammar) {
        this.grammar = grammar;
    }

    /// Any JSON object.
    ///
    /// @return the form
    public static TextConstraint jsonObject() {
        Grammar.Builder builder = new Grammar.Builder("JSON");
        return new TextConstraint(builder.build(new JsonRules(builder).anyObject()));
    }

    /// JSON that a schema describes. Properties come in the schema's order, and only those that it names.
    ///
    /// @param schema a JSON Schema within the subset of {@link JsonSchemaRules}
    /// @return the form
    /// @throws InputException naming the place and the keyword that is not supported or not right
    public static TextConstraint jsonSchema(JsonNode schema) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        return new TextConstraint(builder.build(new JsonSchemaRules(builder, schema).root()));
    }

    /// Leaves out of a schema what cannot be followed, where that is better than to refuse it.
    ///
    /// @param schema any JSON Schema
    /// @return what of it the other methods take ({@link SchemaSubset}); what is no schema stays as it is
    public static JsonNode subsetOf(JsonNode schema) {
        return SchemaSubset.of(schema);
    }

    /// One of several labels, and JSON that its schema describes.
    ///
    /// @param schemas a schema for each label, at least one, within the subset of {@link JsonSchemaRules}
    /// @return the form
    /// @throws InputException naming the place and the keyword that is not supported or not right
    public static TextConstraint labelledJson(Map<String, JsonNode> schemas) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        List<Integer> options = new ArrayList<>();
        schemas.forEach((label, schema) ->
                options.add(builder.inOrder(builder.text(label), new JsonSchemaRules(builder, schema).root())));
        return new TextConstraint(builder.build(builder.oneOf(options)));
    }

    /// Any text, or, as soon as it begins with one of several labels and an opening brace, that label and JSON
    /// that its schema describes. A space may come before the label.
    ///
    /// @param schemas a schema of objects for each label, at least one, within the subset of {@link
    ///     JsonSchemaRules}; no label is the beginning of another
    /// @return the form
    /// @throws InputException naming the place and the keyword that is not supported or not right
    public static TextConstraint textOrLabelledJson(Map<String, JsonNode> schemas) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        return new TextConstraint(builder.build(new LabelRules(builder, schemas).rule()));
    }

    /// One of several texts.
    ///
    /// @param choices the texts, at least one, none of them empty
    /// @return the form
    /// @throws InputException if there are none, too many or empty ones
    public static TextConstraint choice(List<String> choices) {
        if (choices.isEmpty() || choices.size() > MOST_CHOICES || choices.contains("")) {
            throw new InputException("choice must be 1 to " + MOST_CHOICES + " texts, none of them empty, got "
                    + choices.size() + (choices.contains("") ? " with an empty one" : ""));
        }
        Grammar.Builder builder = new Grammar.Builder("choice");
        return new TextConstraint(
                builder.build(builder.oneOf(choices.stream().map(builder::text).toList())));
    }

    /// A text that a regular expression matches whole.
    ///
    /// @param expression within the subset of {@link RegexRules}
    /// @return the form
    /// @throws InputException naming the place that is not supported or not right
    public static TextConstraint regex(String expression) {
        Grammar.Builder builder = new Grammar.Builder("regex");
        return new TextConstraint(
                builder.build(new RegexRules(builder, expression, CodePointRules.plain(builder)).rule()));
    }

    /// Begins an answer.
    ///
    /// @param tokenizer the model's
    /// @param trie its tokens
    /// @return an answer of no tokens yet
    public ConstraintState begin(Tokenizer tokenizer, TokenTrie trie) {
        return new ConstraintState(this, tokenizer, trie);
    }

    Grammar grammar() {
        return grammar;
    }
}
