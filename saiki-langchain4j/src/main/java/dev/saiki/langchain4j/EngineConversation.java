package dev.saiki.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementJsonUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.saiki.chat.ActiveAnswer;
import dev.saiki.chat.AnswerRequest;
import dev.saiki.chat.AnswerSettings;
import dev.saiki.chat.ChatRequests;
import dev.saiki.chat.GenerationSettings;
import dev.saiki.chat.answer.WholeAnswer;
import dev.saiki.chat.answer.WrittenCall;
import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.QueueFullException;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatCall;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The translation between LangChain4j's and the engine's requests and responses.
final class EngineConversation {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final ChatRequests requests;
    private final SaikiChatRequestParameters defaults;

    /// Reads the model's chat format.
    ///
    /// @param engine an engine that has a tokenizer
    /// @param defaults the defaults of requests
    EngineConversation(Engine engine, ChatRequestParameters defaults) {
        this.requests = ChatRequests.to(engine);
        this.defaults = SaikiChatRequestParameters.builder()
                .modelName(CheckpointDirectory.nameOf(engine.checkpoint().path()))
                .overrideWith(defaults)
                .build();
    }

    SaikiChatRequestParameters defaults() {
        return defaults;
    }

    /// Submits a request to the engine.
    ActiveAnswer submit(ChatRequest request) {
        ChatRequestParameters asked = request.parameters();
        try {
            requireOwnModel(asked.modelName());
            return requests.submit(
                    new AnswerRequest(
                            request.messages().stream()
                                    .map(EngineConversation::turn)
                                    .toList(),
                            tools(asked),
                            form(asked.responseFormat()),
                            optional(asked.maxOutputTokens()),
                            Objects.requireNonNullElse(asked.stopSequences(), List.of())),
                    new AnswerSettings(
                            asked.temperature(),
                            asked.topP(),
                            asked.topK(),
                            asked.presencePenalty(),
                            asked.frequencyPenalty(),
                            asked instanceof SaikiChatRequestParameters own
                                    ? own.generation()
                                    : GenerationSettings.DEFAULT));
        } catch (QueueFullException e) {
            throw new RateLimitException(e.getMessage(), e);
        } catch (InputException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    private static Optional<ToolChoice> tools(ChatRequestParameters asked) {
        List<Tool> tools = asked.toolSpecifications().stream()
                .map(EngineConversation::tool)
                .toList();
        boolean required = asked.toolChoice() == dev.langchain4j.model.chat.request.ToolChoice.REQUIRED;
        if (required && tools.isEmpty()) {
            throw new InputException("tool choice REQUIRED needs at least one tool specification");
        }
        return tools.isEmpty() || asked.toolChoice() == dev.langchain4j.model.chat.request.ToolChoice.NONE
                ? Optional.empty()
                : Optional.of(new ToolChoice(tools, required, true));
    }

    private static Tool tool(ToolSpecification specification) {
        ObjectNode definition = JSON.createObjectNode().put("name", specification.name());
        if (specification.description() != null) {
            definition.put("description", specification.description());
        }
        if (specification.parameters() != null) {
            definition.set(
                    "parameters", JSON.valueToTree(JsonSchemaElementJsonUtils.toMap(specification.parameters())));
        }
        if (specification.strict() != null) {
            definition.put("strict", specification.strict());
        }
        return new Tool(definition);
    }

    private void requireOwnModel(@Nullable String name) {
        if (name != null && !name.equals(defaults.modelName())) {
            throw new ModelNotFoundException("model must be " + defaults.modelName() + ", got " + name);
        }
    }

    private static OptionalInt optional(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    private static Optional<TextConstraint> form(@Nullable ResponseFormat format) {
        if (format == null || format.type() == ResponseFormatType.TEXT) {
            return Optional.empty();
        }
        if (format.jsonSchema() == null) {
            return Optional.of(TextConstraint.jsonObject());
        }
        // LangChain4j's own adapters use this conversion of schemas to JSON too; LangChain4j has no other.
        JsonNode schema = JSON.valueToTree(
                JsonSchemaElementJsonUtils.toMap(format.jsonSchema().rootElement()));
        return Optional.of(TextConstraint.jsonSchema(schema));
    }

    private static ChatTurn turn(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> ChatTurn.of(ChatRole.SYSTEM, system.text());
            case UserMessage user -> ChatTurn.of(ChatRole.USER, text(user.contents()));
            case AiMessage answer ->
                ChatTurn.ofModel(
                        Objects.requireNonNullElse(answer.text(), ""),
                        Objects.requireNonNullElse(answer.thinking(), ""),
                        answer.toolExecutionRequests().stream()
                                .map(EngineConversation::call)
                                .toList());
            case ToolExecutionResultMessage result ->
                ChatTurn.ofResult(text(result.contents()), Optional.ofNullable(result.id()));
            default ->
                throw new UnsupportedFeatureException(
                        "messages must be system, user, AI or tool messages, got " + message.type());
        };
    }

    private static ChatCall call(ToolExecutionRequest request) {
        return new ChatCall(
                Optional.ofNullable(request.id()),
                request.name(),
                Objects.requireNonNullElse(request.arguments(), "{}"));
    }

    private static String text(List<Content> contents) {
        return contents.stream().map(EngineConversation::text).collect(Collectors.joining("\n"));
    }

    private static String text(Content content) {
        if (content instanceof TextContent text) {
            return text.text();
        }
        throw new UnsupportedFeatureException("contents must be text, got " + content.type());
    }

    /// Creates the response from a completely read answer.
    ///
    /// @throws InternalServerException if the engine failed or was closed
    ChatResponse response(ActiveAnswer answer) {
        GenerationResult result = answer.result();
        FinishReason reason = switch (result.reason()) {
            case CANCELLED, DEADLINE -> FinishReason.OTHER;
            case FAILED -> throw new InternalServerException(result.failure().orElseThrow());
            default ->
                switch (answer.end()) {
                    case STOP -> FinishReason.STOP;
                    case LENGTH -> FinishReason.LENGTH;
                    case TOOL_CALLS -> FinishReason.TOOL_EXECUTION;
                };
        };
        SaikiChatResponseMetadata metadata = new SaikiChatResponseMetadata(
                ChatResponseMetadata.builder()
                        .modelName(defaults.modelName())
                        .tokenUsage(new TokenUsage(result.promptTokens(), result.tokens()))
                        .finishReason(reason),
                result.meanDepth());
        return ChatResponse.builder()
                .aiMessage(message(answer))
                .metadata(metadata)
                .build();
    }

    private static AiMessage message(ActiveAnswer answer) {
        WholeAnswer whole = answer.whole();
        List<ToolExecutionRequest> calls = new ArrayList<>();
        for (WrittenCall call : answer.completeCalls()) {
            calls.add(request(answer.callId(calls.size()), call));
        }
        return AiMessage.builder()
                .text(whole.words().isEmpty() && !calls.isEmpty() ? null : whole.words())
                .thinking(whole.thought().isEmpty() ? null : whole.thought())
                .toolExecutionRequests(calls)
                .build();
    }

    static ToolExecutionRequest request(String id, WrittenCall call) {
        return ToolExecutionRequest.builder()
                .id(id)
                .name(call.name())
                .arguments(call.arguments())
                .build();
    }
}
