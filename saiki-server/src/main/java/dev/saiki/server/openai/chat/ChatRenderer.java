package dev.saiki.server.openai.chat;

import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.chat.answer.AnswerReading;
import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.chat.answer.WholeAnswer;
import dev.saiki.chat.answer.WrittenCall;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.openai.ChoiceRenderer;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.server.protocol.ResponseIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/chat/completions`: messages with thoughts and tool calls.
final class ChatRenderer extends ChoiceRenderer {

    private static final String CONTENT = "content";
    private static final String THOUGHT = "reasoning_content";
    private static final String TOOL_CALLS = "tool_calls";
    private static final String FUNCTION = "function";
    private static final String ARGUMENTS = "arguments";

    private final TokenTexts texts;
    private final AnswerSyntax syntax;

    /// One for each answer.
    private final List<AnswerReading> readings;

    /// The number of tool calls of each answer that have been announced to the client.
    private final int[] begun;

    ChatRenderer(GenerationCall call, ModelDeployment deployment, AnswerSyntax syntax) {
        super(call, new Names(deployment.name(), "chatcmpl-", "chat.completion", "chat.completion.chunk"));
        this.texts = new TokenTexts(deployment.engine().tokenizer());
        this.syntax = syntax;
        this.readings = Stream.generate(syntax::reading).limit(call.answers()).toList();
        this.begun = new int[call.answers()];
    }

    @Override
    public String finishReason(int index, String unread, GenerationResult finish) {
        return readings.get(index).end(unread, finish.reason()).name().toLowerCase(Locale.ROOT);
    }

    @Override
    protected boolean hasPromptIdsInChoices() {
        return false;
    }

    @Override
    protected void putWhole(ObjectNode choice, FinishedAnswer answer) {
        WholeAnswer whole = WholeAnswer.of(readings.get(answer.index()).end(answer.text()));
        ObjectNode message = choice.putObject("message");
        message.put("role", "assistant");
        boolean isCall = syntax.mustCall() || !whole.calls().isEmpty();
        message.put(CONTENT, isCall && whole.words().isEmpty() ? null : whole.words());
        if (!whole.thought().isEmpty()) {
            message.put(THOUGHT, whole.thought());
        }
        message.putNull("refusal");
        if (!whole.calls().isEmpty()) {
            ArrayNode calls = message.putArray(TOOL_CALLS);
            whole.calls().forEach(call -> putCall(calls.addObject(), call));
        }
        choice.set("logprobs", wantsLogprobs() ? texts.content(answer.tokens()) : null);
    }

    private static void putCall(ObjectNode place, WrittenCall call) {
        place.put("id", ResponseIds.next("call_"));
        place.put("type", FUNCTION);
        place.putObject(FUNCTION).put("name", call.name()).put(ARGUMENTS, call.arguments());
    }

    @Override
    protected boolean putOpening(ObjectNode choice, String text) {
        ObjectNode delta = choice.putObject("delta").put("role", "assistant");
        delta.put(CONTENT, syntax.mustCall() ? null : text);
        choice.putNull("logprobs");
        return true;
    }

    @Override
    protected void putPiece(ObjectNode choice, int index, String text, Optional<Token> token, int offset) {
        ObjectNode delta = choice.putObject("delta");
        put(delta, index, readings.get(index).take(text));
        if (delta.isEmpty() && syntax.isPlain()) {
            delta.put(CONTENT, text);
        }
        choice.set(
                "logprobs",
                wantsLogprobs() ? token.map(List::of).map(texts::content).orElse(null) : null);
    }

    /// Writes pieces of an answer; adjacent pieces of the same kind are joined. Arguments are sent with the
    /// function's name if both arrive at the same time.
    private void put(ObjectNode delta, int index, List<AnswerPiece> pieces) {
        StringBuilder thought = new StringBuilder();
        StringBuilder words = new StringBuilder();
        List<CallDelta> calls = new ArrayList<>();
        for (AnswerPiece piece : pieces) {
            switch (piece) {
                case AnswerPiece.Thought(String text) -> thought.append(text);
                case AnswerPiece.Words(String text) -> words.append(text);
                case AnswerPiece.CallBegun(String name) -> {
                    calls.add(new CallDelta(begun[index], Optional.of(name), new StringBuilder()));
                    begun[index]++;
                }
                case AnswerPiece.Arguments(String json) -> {
                    if (calls.isEmpty()) {
                        calls.add(new CallDelta(begun[index] - 1, Optional.empty(), new StringBuilder()));
                    }
                    calls.getLast().arguments().append(json);
                }
            }
        }
        if (!thought.isEmpty()) {
            delta.put(THOUGHT, thought.toString());
        }
        if (!words.isEmpty()) {
            delta.put(CONTENT, words.toString());
        }
        if (!calls.isEmpty()) {
            ArrayNode list = delta.putArray(TOOL_CALLS);
            calls.forEach(call -> call.put(list.addObject()));
        }
    }

    /// The delta of one tool call.
    ///
    /// @param number the number of the tool call in its answer
    /// @param name the function's name, at the start of the call only
    /// @param arguments the next characters
    private record CallDelta(int number, Optional<String> name, StringBuilder arguments) {

        void put(ObjectNode place) {
            place.put("index", number);
            if (name.isPresent()) {
                putCall(place, new WrittenCall(name.get(), arguments.toString()));
            } else {
                place.putObject(FUNCTION).put(ARGUMENTS, arguments.toString());
            }
        }
    }

    @Override
    protected boolean putRest(ObjectNode choice, int index, String text, int offset) {
        ObjectNode delta = choice.putObject("delta");
        put(delta, index, readings.get(index).end(text));
        choice.putNull("logprobs");
        return !delta.isEmpty();
    }

    @Override
    protected void putEnding(ObjectNode choice) {
        choice.putObject("delta");
        choice.putNull("logprobs");
    }
}
