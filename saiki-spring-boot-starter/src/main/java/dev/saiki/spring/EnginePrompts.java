package dev.saiki.spring;

import dev.saiki.chat.ActiveAnswer;
import dev.saiki.chat.AnswerRequest;
import dev.saiki.chat.AnswerSettings;
import dev.saiki.chat.ChatRequests;
import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.chat.answer.WholeAnswer;
import dev.saiki.chat.answer.WrittenCall;
import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatCall;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.MediaContent;
import org.springframework.ai.tool.ToolCallback;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The translation between Spring AI's and the engine's prompts and responses.
final class EnginePrompts {

    private final ChatRequests requests;
    private final SaikiChatOptions defaults;
    private final String name;

    /// Reads the model's chat format.
    ///
    /// @param engine an engine that has a tokenizer
    /// @param defaults the defaults of requests
    EnginePrompts(Engine engine, SaikiChatOptions defaults) {
        this.requests = ChatRequests.to(engine);
        this.name = CheckpointDirectory.nameOf(engine.checkpoint().path());
        this.defaults = defaults.mutate().model(name).build();
    }

    SaikiChatOptions defaults() {
        return defaults;
    }

    /// Adds the defaults for options that a prompt does not set.
    Prompt withDefaults(Prompt prompt) {
        ChatOptions asked = prompt.getOptions();
        SaikiChatOptions options = asked == null
                ? defaults
                : defaults.mutate().combineWith(asked.mutate()).build();
        return prompt.mutate().chatOptions(options).build();
    }

    /// Submits a prompt with complete options to the engine.
    ActiveAnswer submit(Prompt prompt) {
        SaikiChatOptions options = (SaikiChatOptions) Objects.requireNonNull(prompt.getOptions());
        if (!name.equals(options.getModel())) {
            throw new InputException("model must be " + name + ", got " + options.getModel());
        }
        if (prompt.getInstructions().isEmpty()) {
            throw new InputException("a prompt must have at least one message");
        }
        Integer maxTokens = options.getMaxTokens();
        return requests.submit(
                new AnswerRequest(
                        prompt.getInstructions().stream()
                                .flatMap(EnginePrompts::turns)
                                .toList(),
                        tools(options, prompt.getInstructions().getLast()),
                        Optional.ofNullable(options.getOutputSchema()).map(EnginePrompts::form),
                        maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens),
                        Objects.requireNonNullElse(options.getStopSequences(), List.of())),
                new AnswerSettings(
                        options.getTemperature(),
                        options.getTopP(),
                        options.getTopK(),
                        options.getPresencePenalty(),
                        options.getFrequencyPenalty(),
                        options.generation()));
    }

    /// Never requires a tool call in the answer to a tool's result: with such a requirement, a chat client would
    /// loop forever.
    private static Optional<ToolChoice> tools(SaikiChatOptions options, Message last) {
        List<ToolCallback> callbacks = Objects.requireNonNullElse(options.getToolCallbacks(), List.of());
        List<Tool> tools = callbacks.stream()
                .map(ToolCallback::getToolDefinition)
                .map(tool -> Tool.of(
                        tool.name(), tool.description(), json("the schema of " + tool.name(), tool.inputSchema())))
                .toList();
        return tools.isEmpty()
                ? Optional.empty()
                : Optional.of(new ToolChoice(
                        tools, options.isToolRequired() && !(last instanceof ToolResponseMessage), true));
    }

    private static TextConstraint form(String schema) {
        return TextConstraint.jsonSchema(json("the schema of the output", schema));
    }

    private static JsonNode json(String what, String text) {
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException e) {
            throw new InputException(what + " must be JSON: " + e.getOriginalMessage(), e);
        }
    }

    /// The results of several tool calls arrive in one message.
    private static Stream<ChatTurn> turns(Message message) {
        if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
            throw new InputException("contents of messages must be text, got media");
        }
        String text = Objects.requireNonNullElse(message.getText(), "");
        return switch (message) {
            case ToolResponseMessage results ->
                results.getResponses().stream()
                        .map(result -> ChatTurn.ofResult(result.responseData(), Optional.ofNullable(result.id())));
            case AssistantMessage answer ->
                Stream.of(ChatTurn.ofModel(
                        text,
                        "",
                        answer.getToolCalls().stream()
                                .map(call ->
                                        new ChatCall(Optional.ofNullable(call.id()), call.name(), call.arguments()))
                                .toList()));
            default ->
                Stream.of(ChatTurn.of(
                        message.getMessageType() == MessageType.SYSTEM ? ChatRole.SYSTEM : ChatRole.USER, text));
        };
    }

    /// Creates the response for a piece of an answer. A thought becomes metadata of the response.
    ///
    /// @param piece any piece other than a tool call; the last response contains the complete calls
    ChatResponse piece(AnswerPiece piece) {
        AssistantMessage message = piece instanceof AnswerPiece.Thought(String thought)
                ? AssistantMessage.builder()
                        .content("")
                        .properties(Map.of(EngineChatModel.THOUGHT, thought))
                        .build()
                : new AssistantMessage(piece instanceof AnswerPiece.Words(String words) ? words : "");
        return new ChatResponse(
                List.of(new Generation(message)),
                ChatResponseMetadata.builder().model(name).build());
    }

    /// Creates the last response of an answer, with its tool calls.
    ///
    /// @param answer completely read answer
    /// @param isStreamed whether the answer's words have been sent already
    /// @throws IllegalStateException if the engine failed or was closed
    ChatResponse last(ActiveAnswer answer, boolean isStreamed) {
        GenerationResult result = answer.result();
        String reason = switch (result.reason()) {
            case CANCELLED, DEADLINE -> "OTHER";
            case FAILED ->
                throw new IllegalStateException(
                        "the engine failed", result.failure().orElseThrow());
            default -> answer.end().name();
        };
        WholeAnswer whole = answer.whole();
        List<AssistantMessage.ToolCall> calls = new ArrayList<>();
        for (WrittenCall call : answer.completeCalls()) {
            calls.add(new AssistantMessage.ToolCall(
                    answer.callId(calls.size()), "function", call.name(), call.arguments()));
        }
        AssistantMessage message = AssistantMessage.builder()
                .content(isStreamed ? "" : whole.words())
                .properties(
                        isStreamed || whole.thought().isEmpty()
                                ? Map.of()
                                : Map.of(EngineChatModel.THOUGHT, whole.thought()))
                .toolCalls(calls)
                .build();
        return new ChatResponse(
                List.of(new Generation(
                        message,
                        ChatGenerationMetadata.builder().finishReason(reason).build())),
                ChatResponseMetadata.builder()
                        .model(name)
                        .usage(new DefaultUsage(result.promptTokens(), result.tokens()))
                        .keyValue(EngineChatModel.MEAN_DEPTH, result.meanDepth())
                        .build());
    }
}
