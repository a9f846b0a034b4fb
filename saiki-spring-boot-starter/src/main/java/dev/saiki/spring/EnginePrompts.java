package dev.saiki.spring;

import dev.saiki.chat.AnswerRequest;
import dev.saiki.chat.ChatRequests;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
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
import tools.jackson.databind.json.JsonMapper;

/// The words of Spring AI for an engine: prompts as its requests, and answers as responses.
final class EnginePrompts {

    private final Engine engine;
    private final ChatRequests requests;
    private final SaikiChatOptions defaults;
    private final String name;

    /// Reads the model's chat format.
    ///
    /// @param engine that has a tokenizer
    /// @param defaults of requests
    EnginePrompts(Engine engine, SaikiChatOptions defaults) {
        this.engine = engine;
        this.requests = ChatRequests.to(engine);
        this.name = CheckpointDirectory.nameOf(engine.checkpoint().path());
        this.defaults = defaults.mutate().model(name).build();
    }

    SaikiChatOptions defaults() {
        return defaults;
    }

    /// Puts the options of a prompt over the defaults.
    Prompt withDefaults(Prompt prompt) {
        ChatOptions asked = prompt.getOptions();
        SaikiChatOptions options = asked == null
                ? defaults
                : defaults.mutate().combineWith(asked.mutate()).build();
        return prompt.mutate().chatOptions(options).build();
    }

    /// Hands a prompt that has its options to the engine.
    TokenStream submit(Prompt prompt) {
        SaikiChatOptions options = (SaikiChatOptions) Objects.requireNonNull(prompt.getOptions());
        if (!name.equals(options.getModel())) {
            throw new InputException("model must be " + name + ", got " + options.getModel());
        }
        List<ToolCallback> tools = options.getToolCallbacks();
        if (tools != null && !tools.isEmpty()) {
            throw new InputException("tools are not supported in the JVM; the server has them");
        }
        Integer maxTokens = options.getMaxTokens();
        Long seed = options.getSeed();
        GenerationRequest.Builder request = requests.begin(new AnswerRequest(
                        prompt.getInstructions().stream()
                                .map(EnginePrompts::turn)
                                .toList(),
                        Optional.empty(),
                        Optional.ofNullable(options.getOutputSchema()).map(EnginePrompts::form),
                        maxTokens == null ? OptionalInt.empty() : OptionalInt.of(maxTokens),
                        Objects.requireNonNullElse(options.getStopSequences(), List.of())))
                .request()
                .sampling(sampling(options))
                .penalties(new Penalties(1, or(options.getPresencePenalty(), 0), or(options.getFrequencyPenalty(), 0)))
                .seed(seed != null ? seed : ThreadLocalRandom.current().nextLong())
                .route(new SaikiProperties.Depth(options.getEffort(), options.getMinDepth(), options.getMaxDepth())
                        .route());
        return engine.submit(request.build());
    }

    private static double or(@Nullable Double value, double other) {
        return value == null ? other : value;
    }

    private static SamplingSettings sampling(SaikiChatOptions options) {
        Integer topK = options.getTopK();
        return SamplingSettings.builder()
                .temperature(or(options.getTemperature(), 1))
                .topP(or(options.getTopP(), 1))
                .topK(topK == null ? 0 : topK)
                .build();
    }

    private static TextConstraint form(String schema) {
        try {
            return TextConstraint.jsonSchema(JsonMapper.shared().readTree(schema));
        } catch (JacksonException e) {
            throw new InputException("the schema of the output must be JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static ChatTurn turn(Message message) {
        if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
            throw new InputException("contents of messages must be text, got media");
        }
        if (message instanceof AssistantMessage answer && answer.hasToolCalls()) {
            throw new InputException("tool calls are not supported in the JVM; the server has them");
        }
        ChatRole role = switch (message.getMessageType()) {
            case SYSTEM -> ChatRole.SYSTEM;
            case USER -> ChatRole.USER;
            case ASSISTANT -> ChatRole.ASSISTANT;
            case TOOL -> throw new InputException("results of tools are not supported in the JVM; the server has them");
        };
        return ChatTurn.of(role, Objects.requireNonNullElse(message.getText(), ""));
    }

    /// Makes the response that has a piece of an answer.
    ChatResponse piece(String text) {
        return new ChatResponse(
                List.of(new Generation(new AssistantMessage(text))),
                ChatResponseMetadata.builder().model(name).build());
    }

    /// Makes the response that ends an answer.
    ///
    /// @param text all of it, or the last piece
    /// @param result how it ended
    /// @throws IllegalStateException if the engine failed or was closed
    ChatResponse last(String text, GenerationResult result) {
        String reason = switch (result.reason()) {
            case END_OF_TEXT, FORM_COMPLETE, STOP, STOP_TOKEN -> "STOP";
            case MAX_TOKENS -> "LENGTH";
            case CANCELLED, DEADLINE -> "OTHER";
            case FAILED ->
                throw new IllegalStateException(
                        "the engine failed", result.failure().orElseThrow());
        };
        return new ChatResponse(
                List.of(new Generation(
                        new AssistantMessage(text),
                        ChatGenerationMetadata.builder().finishReason(reason).build())),
                ChatResponseMetadata.builder()
                        .model(name)
                        .usage(new DefaultUsage(result.promptTokens(), result.tokens()))
                        .keyValue(EngineChatModel.MEAN_DEPTH, result.meanDepth())
                        .build());
    }
}
