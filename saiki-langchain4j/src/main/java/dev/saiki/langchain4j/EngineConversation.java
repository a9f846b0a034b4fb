package dev.saiki.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
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
import dev.saiki.chat.AnswerRequest;
import dev.saiki.chat.ChatRequests;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.QueueFullException;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A conversation with an engine in the words of LangChain4j: its requests in, its responses out.
final class EngineConversation {

    private final Engine engine;
    private final ChatRequests requests;
    private final SaikiChatRequestParameters defaults;

    /// Reads the model's chat format.
    ///
    /// @param engine that has a tokenizer
    /// @param defaults of requests
    EngineConversation(Engine engine, ChatRequestParameters defaults) {
        this.engine = engine;
        this.requests = ChatRequests.to(engine);
        this.defaults = SaikiChatRequestParameters.builder()
                .modelName(CheckpointDirectory.nameOf(engine.checkpoint().path()))
                .overrideWith(defaults)
                .build();
    }

    SaikiChatRequestParameters defaults() {
        return defaults;
    }

    /// Hands a request to the engine.
    TokenStream submit(ChatRequest request) {
        try {
            return engine.submit(engineRequest(request));
        } catch (QueueFullException e) {
            throw new RateLimitException(e.getMessage(), e);
        } catch (InputException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    private GenerationRequest engineRequest(ChatRequest request) {
        ChatRequestParameters asked = request.parameters();
        requireOwnModel(asked.modelName());
        if (!asked.toolSpecifications().isEmpty() || asked.toolChoice() != null) {
            throw new UnsupportedFeatureException("tools are not supported in the JVM; the server has them");
        }
        GenerationRequest.Builder settings = requests.begin(new AnswerRequest(
                        request.messages().stream()
                                .map(EngineConversation::turn)
                                .toList(),
                        Optional.empty(),
                        form(asked.responseFormat()),
                        optional(asked.maxOutputTokens()),
                        Objects.requireNonNullElse(asked.stopSequences(), List.of())))
                .request()
                .sampling(sampling(asked))
                .penalties(new Penalties(
                        1,
                        Objects.requireNonNullElse(asked.presencePenalty(), 0.0),
                        Objects.requireNonNullElse(asked.frequencyPenalty(), 0.0)));
        Long seed = asked instanceof SaikiChatRequestParameters own ? own.seed() : null;
        return settings.seed(seed != null ? seed : ThreadLocalRandom.current().nextLong())
                .route(route(asked))
                .build();
    }

    private void requireOwnModel(@Nullable String name) {
        if (name != null && !name.equals(defaults.modelName())) {
            throw new ModelNotFoundException("model must be " + defaults.modelName() + ", got " + name);
        }
    }

    private static OptionalInt optional(@Nullable Integer number) {
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    private static SamplingSettings sampling(ChatRequestParameters asked) {
        SamplingSettings.Builder sampling = SamplingSettings.builder();
        if (asked.temperature() != null) {
            sampling.temperature(asked.temperature());
        }
        if (asked.topP() != null) {
            sampling.topP(asked.topP());
        }
        if (asked.topK() != null) {
            sampling.topK(asked.topK());
        }
        return sampling.build();
    }

    private static RouteSettings route(ChatRequestParameters asked) {
        RouteSettings.Builder route = RouteSettings.builder();
        if (asked instanceof SaikiChatRequestParameters own) {
            Optional.ofNullable(own.effort()).ifPresent(route::effort);
            Optional.ofNullable(own.minDepth()).ifPresent(route::minDepth);
            Optional.ofNullable(own.maxDepth()).ifPresent(route::maxDepth);
        }
        return route.build();
    }

    private static Optional<TextConstraint> form(@Nullable ResponseFormat format) {
        if (format == null || format.type() == ResponseFormatType.TEXT) {
            return Optional.empty();
        }
        if (format.jsonSchema() == null) {
            return Optional.of(TextConstraint.jsonObject());
        }
        // The only way from LangChain4j's schemas to JSON; its own adapters take it too.
        JsonNode schema = JsonMapper.shared()
                .valueToTree(
                        JsonSchemaElementJsonUtils.toMap(format.jsonSchema().rootElement()));
        return Optional.of(TextConstraint.jsonSchema(schema));
    }

    private static ChatTurn turn(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> ChatTurn.of(ChatRole.SYSTEM, system.text());
            case UserMessage user -> ChatTurn.of(ChatRole.USER, text(user));
            case AiMessage answer
            when !answer.hasToolExecutionRequests() ->
                ChatTurn.of(ChatRole.ASSISTANT, Objects.requireNonNullElse(answer.text(), ""));
            default ->
                throw new UnsupportedFeatureException(
                        "messages must be of the system, the user, or the model in words, got " + message.type());
        };
    }

    private static String text(UserMessage message) {
        return message.contents().stream().map(EngineConversation::text).collect(Collectors.joining("\n"));
    }

    private static String text(Content content) {
        if (content instanceof TextContent text) {
            return text.text();
        }
        throw new UnsupportedFeatureException("contents must be text, got " + content.type());
    }

    /// Makes the response of an answer that has ended.
    ///
    /// @param text all of it
    /// @param result how it ended
    /// @throws InternalServerException if the engine failed or was closed
    ChatResponse response(String text, GenerationResult result) {
        FinishReason reason = switch (result.reason()) {
            case END_OF_TEXT, FORM_COMPLETE, STOP, STOP_TOKEN -> FinishReason.STOP;
            case MAX_TOKENS -> FinishReason.LENGTH;
            case CANCELLED, DEADLINE -> FinishReason.OTHER;
            case FAILED -> throw new InternalServerException(result.failure().orElseThrow());
        };
        SaikiChatResponseMetadata metadata = new SaikiChatResponseMetadata(
                ChatResponseMetadata.builder()
                        .modelName(defaults.modelName())
                        .tokenUsage(new TokenUsage(result.promptTokens(), result.tokens()))
                        .finishReason(reason),
                result.meanDepth());
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(text))
                .metadata(metadata)
                .build();
    }
}
