package dev.saiki.text.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An encoder for models whose checkpoint has a chat template of its own.
///
/// Tokens that the template writes out, such as those between turns, are these tokens; in what is said they are
/// text like any other, so that nobody can forge a turn. To tell them apart, what is said has a mark in them
/// while the template runs, a character that stands for nothing and that the conversation does not have.
public final class TemplateEncoder implements ChatEncoder {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final char FIRST_MARK = '\ufdd0';
    private static final char LAST_MARK = '\ufdef';

    private final CheckpointTemplate template;
    private final Tokenizer tokenizer;

    /// Makes an encoder.
    ///
    /// @param template of the checkpoint
    /// @param tokenizer of the model
    public TemplateEncoder(CheckpointTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
    }

    /// Returns the template.
    ///
    /// @return what it was made of
    public CheckpointTemplate template() {
        return template;
    }

    @Override
    public EncodedChat encode(List<ChatTurn> turns, String begun) {
        ArrayNode messages = JSON.arrayNode();
        for (ChatTurn turn : turns) {
            messages.addObject()
                    .put("role", turn.role().name().toLowerCase(Locale.ROOT))
                    .put("content", turn.content());
        }
        return encode(messages, JSON.arrayNode(), begun);
    }

    /// Writes a conversation down, up to where the model goes on.
    ///
    /// @param messages objects with `role`, `content` and so on, in order
    /// @param tools functions in OpenAI's form, perhaps none
    /// @param begun how the answer begins, which the model goes on from; may be empty
    /// @return tokens and text
    /// @throws InputException with the template's own words if it refuses the conversation
    public EncodedChat encode(ArrayNode messages, ArrayNode tools, String begun) {
        String mark = mark(messages.toString() + tools);
        String text = template.render(marked(messages, mark), marked(tools, mark)) + begun;
        return new EncodedChat(tokenizer.encodeWithSpecials(text, mark), text.replace(mark, ""));
    }

    private static String mark(String said) {
        return IntStream.rangeClosed(FIRST_MARK, LAST_MARK)
                .filter(c -> said.indexOf(c) < 0)
                .mapToObj(Character::toString)
                .findFirst()
                .orElseThrow(() -> new InputException(
                        "chat template cannot be given messages with all of the characters U+FDD0 to U+FDEF"));
    }

    private JsonNode marked(JsonNode said, String mark) {
        if (said.isString()) {
            return JSON.stringNode(tokenizer.marked(said.stringValue(), mark));
        }
        if (said.isArray()) {
            ArrayNode items = JSON.arrayNode();
            said.values().forEach(item -> items.add(marked(item, mark)));
            return items;
        }
        if (said.isObject()) {
            ObjectNode fields = JSON.objectNode();
            said.properties()
                    .forEach(field ->
                            fields.set(tokenizer.marked(field.getKey(), mark), marked(field.getValue(), mark)));
            return fields;
        }
        return said;
    }

    @Override
    public Optional<String> stopText() {
        return Optional.empty();
    }

    @Override
    public Optional<Integer> endOfTurn() {
        return template.endOfTurn().flatMap(tokenizer::specialId);
    }
}
