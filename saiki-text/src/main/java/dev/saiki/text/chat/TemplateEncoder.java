package dev.saiki.text.chat;

import dev.saiki.io.InputException;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// An encoder that uses the chat template of the checkpoint.
///
/// Special tokens in the template's own text, such as turn markers, are encoded as special tokens. Strings in
/// messages that equal a special token are encoded as ordinary text, so that a message cannot forge a turn. While
/// the template runs, such strings in messages contain a marker: a Unicode noncharacter that does not occur in the
/// conversation. Thinking marks around the reasoning of an earlier answer remain special tokens; a template that has
/// `reasoning_content` gets the reasoning in this field.
public final class TemplateEncoder implements ChatEncoder {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String CONTENT = "content";
    private static final String THOUGHT = "reasoning_content";
    private static final char FIRST_MARK = '\ufdd0';
    private static final char LAST_MARK = '\ufdef';

    private final CheckpointTemplate template;
    private final Tokenizer tokenizer;
    private final Set<Integer> endsOfTurn;
    private final boolean knowsThinking;

    /// Whether the template takes the reasoning of earlier answers apart from their text.
    private final boolean separatesThinking;

    /// Creates an encoder.
    ///
    /// @param template the checkpoint's template
    /// @param tokenizer the model's tokenizer
    public TemplateEncoder(CheckpointTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.endsOfTurn = Stream.concat(
                        template.endOfText().flatMap(tokenizer::specialId).stream(), written(template, tokenizer))
                .collect(Collectors.toUnmodifiableSet());
        this.knowsThinking = ThinkingMarks.areKnown(tokenizer, template.source());
        this.separatesThinking = template.source().contains(THOUGHT);
    }

    /// The token that the template writes after an assistant message.
    private static Stream<Integer> written(CheckpointTemplate template, Tokenizer tokenizer) {
        int[] behind = tokenizer.encodeWithSpecials(template.afterAnswer().stripLeading());
        return behind.length > 0 && !tokenizer.isText(behind[0]) ? Stream.of(behind[0]) : Stream.empty();
    }

    /// Returns the template.
    ///
    /// @return the checkpoint's template
    public CheckpointTemplate template() {
        return template;
    }

    @Override
    public EncodedPrompt encode(List<ChatTurn> turns, String begun) {
        ArrayNode messages = JSON.arrayNode();
        for (ChatTurn turn : turns) {
            messages.addObject()
                    .put("role", turn.role().name().toLowerCase(Locale.ROOT))
                    .put(CONTENT, turn.content());
        }
        return encode(messages, JSON.arrayNode(), JSON.objectNode(), _ -> begun);
    }

    /// Formats and encodes a conversation up to the start of the model's answer.
    ///
    /// @param messages objects with `role`, `content` and so on, in order; reasoning in assistant messages is
    ///     moved to `reasoning_content`
    /// @param tools functions in OpenAI's form, possibly none
    /// @param settings further variables of the template
    /// @param begun maps the text that the template has written to the beginning of the answer, for the model to
    ///     continue; the beginning may be empty
    /// @return tokens and text
    /// @throws InputException with the template's own message if it refuses the conversation
    public EncodedPrompt encode(ArrayNode messages, ArrayNode tools, ObjectNode settings, UnaryOperator<String> begun) {
        String mark = mark(messages.toString() + tools + settings);
        String text = template.render(said(messages, mark), marked(tools, mark), marked(settings, mark));
        String whole = text + begun.apply(text.replace(mark, ""));
        return new EncodedPrompt(tokenizer.encodeWithSpecials(whole, mark), whole.replace(mark, ""));
    }

    /// An answer and its prompt.
    ///
    /// @param prompt the tokens before the answer
    /// @param answer the tokens of the answer, including the token that ends the turn
    @SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares answers.
    public record Answered(int[] prompt, int[] answer) {}

    /// Encodes a conversation whose last message is the assistant's: the prompt as at inference, and the
    /// answer up to the token that ends the turn.
    ///
    /// @param messages objects with `role`, `content` and so on, in order, as for {@link #encode}
    /// @param tools functions in OpenAI's form, possibly none
    /// @return the tokens of prompt and answer
    /// @throws InputException with the template's own message if it refuses the conversation; also if the text
    ///     with the answer does not begin with the prompt, or if no token ends the answer
    public Answered answered(ArrayNode messages, ArrayNode tools) {
        String mark = mark(messages.toString() + tools);
        ArrayNode said = said(messages, mark);
        ArrayNode asked = JSON.arrayNode();
        said.values().stream().limit(said.size() - 1L).forEach(asked::add);
        JsonNode shown = marked(tools, mark);
        String prompt = template.render(asked, shown, JSON.objectNode());
        String whole = template.renderEnded(said, shown, JSON.objectNode());
        if (!whole.startsWith(prompt)) {
            throw new InputException("the chat template begins an answer with \"..." + end(prompt)
                    + "\" but writes given answers without it, so training would not match inference; use"
                    + " a template that keeps the reasoning of the last answer");
        }
        int[] answer = tokenizer.encodeContinuation(prompt, whole.substring(prompt.length()), mark);
        int length = IntStream.range(0, answer.length)
                        .filter(i -> endsOfTurn.contains(answer[i]))
                        .findFirst()
                        .orElseThrow(() -> new InputException("the chat template writes no token that ends an answer"
                                + ", so the model would not learn to stop"))
                + 1;
        return new Answered(tokenizer.encodeWithSpecials(prompt, mark), Arrays.copyOf(answer, length));
    }

    private static String end(String prompt) {
        int shown = 40;
        return prompt.substring(Math.max(0, prompt.length() - shown)).replace("\n", "\\n");
    }

    /// The messages with the mark. Thinking marks that begin an assistant's message remain without it: the template
    /// finds them, or gets the reasoning in its own field.
    private ArrayNode said(ArrayNode messages, String mark) {
        ArrayNode said = JSON.arrayNode();
        for (JsonNode message : messages.values()) {
            ObjectNode copy = (ObjectNode) marked(message, mark);
            String content = message.path(CONTENT).stringValue("");
            Optional<ThinkingMarks.Split> split =
                    message.path("role").stringValue("").equals("assistant") && !message.hasNonNull(THOUGHT)
                            ? ThinkingMarks.split(content)
                            : Optional.empty();
            split.ifPresent(parts -> {
                if (separatesThinking) {
                    copy.put(CONTENT, tokenizer.marked(parts.answer(), mark))
                            .put(THOUGHT, tokenizer.marked(parts.thought(), mark));
                } else {
                    copy.put(CONTENT, withThought(content, mark));
                }
            });
            said.add(copy);
        }
        return said;
    }

    private String withThought(String content, String mark) {
        int end = content.indexOf(ThinkingMarks.END);
        int behind = end + ThinkingMarks.END.length();
        int begin = content.stripLeading().startsWith(ThinkingMarks.BEGIN)
                ? content.indexOf(ThinkingMarks.BEGIN) + ThinkingMarks.BEGIN.length()
                : 0;
        return content.substring(0, begin)
                + tokenizer.marked(content.substring(begin, end), mark)
                + ThinkingMarks.END
                + tokenizer.marked(content.substring(behind), mark);
    }

    private static String mark(String said) {
        return IntStream.rangeClosed(FIRST_MARK, LAST_MARK)
                .filter(c -> said.indexOf(c) < 0)
                .mapToObj(Character::toString)
                .findFirst()
                .orElseThrow(() -> new InputException(
                        "messages must leave one of the characters U+FDD0 to U+FDEF unused, got all of them"));
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
    public Set<Integer> endsOfTurn() {
        return endsOfTurn;
    }

    /// Tells whether the model uses the thinking marks.
    ///
    /// @return whether the tokenizer or the template contains them
    public boolean knowsThinking() {
        return knowsThinking;
    }
}
