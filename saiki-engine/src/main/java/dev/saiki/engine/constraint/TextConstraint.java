package dev.saiki.engine.constraint;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The required form of an answer. Each token is drawn only from tokens that can still lead to a text of this
/// form. The answer therefore has the form unless its token limit ends it first. Immutable; a constraint can serve
/// any number of requests.
///
/// No library is used, because no Java library computes the bytes that can follow a text in a context-free
/// grammar: parsers and validators judge whole texts, and automaton libraries do not support recursion, which
/// nested JSON needs.
public final class TextConstraint {

    private static final int MAX_CHOICES = 1000;

    private final Grammar grammar;
    private final List<String> relaxed;
    private final Set<String> addedTokens;

    private TextConstraint(Grammar grammar, List<String> relaxed, Set<String> addedTokens) {
        this.grammar = grammar;
        this.relaxed = relaxed;
        this.addedTokens = addedTokens;
    }

    /// Any JSON object.
    ///
    /// @return the form
    public static TextConstraint jsonObject() {
        Grammar.Builder builder = new Grammar.Builder("JSON");
        return of(builder.build(new JsonRules(builder).anyObject()));
    }

    /// JSON that a schema describes. Properties come in the schema's order, and if the schema names any
    /// properties, no others occur.
    ///
    /// @param schema a JSON Schema within the subset of {@link JsonSchemaRules}
    /// @return the form
    /// @throws InputException naming the place and the keyword, if a keyword is invalid or not supported
    public static TextConstraint jsonSchema(JsonNode schema) {
        return jsonSchema(new JsonForm(schema, true));
    }

    /// JSON that a schema describes, as far as its keywords can be enforced.
    ///
    /// @param form the schema, and whether every keyword must be enforced
    /// @return the form
    /// @throws InputException naming the place and the keyword, if a keyword is invalid, or if it must be enforced
    ///     and is not supported
    public static TextConstraint jsonSchema(JsonForm form) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        Relaxation relaxation = Relaxation.of(form.strict());
        int root = new JsonSchemaRules(builder, form.schema(), relaxation).root();
        return new TextConstraint(builder.build(root), relaxation.keywords(), Set.of());
    }

    /// One of several labels, followed by JSON that the label's schema describes.
    ///
    /// @param schemas a schema for each label, at least one
    /// @return the form
    /// @throws InputException naming the place and the keyword, if a keyword is invalid, or if it must be enforced
    ///     and is not supported
    public static TextConstraint labelledJson(Map<String, JsonForm> schemas) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        Relaxation relaxation = Relaxation.of(true);
        int rule = oneOf(builder, schemas, relaxation);
        return new TextConstraint(builder.build(rule), relaxation.keywords(), Set.of());
    }

    private static int oneOf(Grammar.Builder builder, Map<String, JsonForm> schemas, Relaxation relaxation) {
        List<Integer> options = new ArrayList<>();
        schemas.forEach((label, form) -> options.add(builder.inOrder(
                builder.text(label),
                new JsonSchemaRules(builder, form.schema(), relaxation.with(form.strict())).root())));
        return builder.oneOf(options);
    }

    /// Any text; but a text that begins with one of several labels and an opening brace must consist of that
    /// label and JSON that the label's schema describes. A space may come before the label.
    ///
    /// @param schemas a schema of objects for each label, at least one; no label is a prefix of another
    /// @return the form
    /// @throws InputException naming the place and the keyword, if a keyword is invalid, or if it must be enforced
    ///     and is not supported
    public static TextConstraint textOrLabelledJson(Map<String, JsonForm> schemas) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        Relaxation relaxation = Relaxation.of(true);
        int rule = new LabelRules(builder, schemas, relaxation).rule();
        return new TextConstraint(builder.build(rule), relaxation.keywords(), Set.of());
    }

    /// Any text in which each occurrence of a mark is followed by one of several labels, JSON that the label's
    /// schema describes, and an end.
    ///
    /// @param mark text after which the JSON must follow
    /// @param schemas a schema for each label, at least one
    /// @param end text after the JSON; may be empty
    /// @return the form
    /// @throws InputException naming the place and the keyword, if a keyword is invalid, or if it must be enforced
    ///     and is not supported
    public static TextConstraint textWithMarkedJson(String mark, Map<String, JsonForm> schemas, String end) {
        Grammar.Builder builder = new Grammar.Builder("schema");
        Relaxation relaxation = Relaxation.of(true);
        int marked = builder.inOrder(oneOf(builder, schemas, relaxation), builder.text(end));
        int rule = new MarkRules(builder, mark, marked).rule();
        return new TextConstraint(builder.build(rule), relaxation.keywords(), Set.of());
    }

    /// A form of which every part is enforced.
    private static TextConstraint of(Grammar grammar) {
        return new TextConstraint(grammar, List.of(), Set.of());
    }

    /// One of several texts.
    ///
    /// @param choices the allowed texts, at least one, none of them empty
    /// @return the form
    /// @throws InputException if there is no text, if there are too many, or if one is empty
    public static TextConstraint choice(List<String> choices) {
        if (choices.isEmpty() || choices.size() > MAX_CHOICES || choices.contains("")) {
            throw new InputException("choice must be 1 to " + MAX_CHOICES + " texts, none of them empty, got "
                    + choices.size() + (choices.contains("") ? ", one of them empty" : ""));
        }
        Grammar.Builder builder = new Grammar.Builder("choice");
        return of(
                builder.build(builder.oneOf(choices.stream().map(builder::text).toList())));
    }

    /// A text that matches a regular expression as a whole.
    ///
    /// @param expression within the subset of {@link RegexParser}
    /// @return the form
    /// @throws InputException naming the place of a part that is invalid or not supported
    public static TextConstraint regex(String expression) {
        Grammar.Builder builder = new Grammar.Builder("regex");
        return of(builder.build(
                new RegexRules(builder, CodePointRules.plain(builder)).rule(RegexParser.whole(expression))));
    }

    /// Allows added tokens, which are masked by default, in the answer: the model may generate such a token
    /// wherever the form allows the token's text.
    ///
    /// @param contents texts of the added tokens; a text for which the tokenizer has no added token is
    ///     ignored
    /// @return the same form, with the added tokens allowed
    public TextConstraint writing(Set<String> contents) {
        return new TextConstraint(grammar, relaxed, Set.copyOf(contents));
    }

    /// Returns the added tokens that may occur in an answer of this form.
    ///
    /// @return the texts of the tokens
    public Set<String> addedTokens() {
        return addedTokens;
    }

    /// Lists the requested keywords that are not enforced.
    ///
    /// @return ignored keywords of a schema with relaxed enforcement, in alphabetical order
    public List<String> relaxed() {
        return relaxed;
    }

    /// Starts an answer of this form.
    ///
    /// @param tokenizer tokenizer of the model
    /// @param trie trie of the tokenizer's tokens
    /// @return the state of an empty answer
    public ConstraintState begin(Tokenizer tokenizer, TokenTrie trie) {
        return new ConstraintState(this, tokenizer, trie);
    }

    Grammar grammar() {
        return grammar;
    }
}
