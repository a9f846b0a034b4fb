package dev.saiki.spring;

import dev.saiki.chat.ActiveAnswer;
import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.engine.Engine;
import dev.saiki.io.InputException;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/// A Spring AI chat model, based on an engine in the same JVM. Thread-safe.
///
/// Conversations use the checkpoint's chat template, if it has one. An output schema is enforced. Answers may call
/// tools, which Spring AI's chat client executes. Media are rejected. Every request is reported as an observation.
public final class EngineChatModel implements ChatModel {

    /// The key of the mean depth, in recursions per token, in the metadata of an answer.
    public static final String MEAN_DEPTH = "mean_depth";

    /// The key of the model's thinking before the answer, in the metadata of a message.
    public static final String THOUGHT = "reasoningContent";

    /// The name of the provider in observations.
    static final String PROVIDER = "saiki";

    private final EnginePrompts prompts;
    private final ObservationRegistry observations;
    private final ChatModelObservationConvention convention;

    /// Creates a chat model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param defaults the defaults of requests
    /// @param observations registry of request observations
    /// @param convention names of the observations; null for Spring AI's names
    /// @throws InputException if the checkpoint's chat template is not supported
    public EngineChatModel(
            Engine engine,
            SaikiChatOptions defaults,
            ObservationRegistry observations,
            @Nullable ChatModelObservationConvention convention) {
        this.prompts = new EnginePrompts(engine, defaults);
        this.observations = observations;
        this.convention = Objects.requireNonNullElseGet(convention, DefaultChatModelObservationConvention::new);
    }

    /// Creates a chat model on an engine, without observations.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param defaults the defaults of requests
    /// @return the model
    public static EngineChatModel of(Engine engine, SaikiChatOptions defaults) {
        return new EngineChatModel(engine, defaults, ObservationRegistry.NOOP, null);
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        Prompt request = prompts.withDefaults(prompt);
        ChatModelObservationContext context = context(request, false);
        return Objects.requireNonNull(observation(context).observe(() -> {
            ChatResponse response = answer(request);
            context.setResponse(response);
            return response;
        }));
    }

    private ChatResponse answer(Prompt request) {
        try (ActiveAnswer answer = prompts.submit(request)) {
            answer.forEach(_ -> {});
            return prompts.last(answer, false);
        }
    }

    /// Streams an answer, each piece as soon as it is generated. The last piece contains usage and finish reason.
    /// If the subscriber cancels, the generation is cancelled.
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.deferContextual(subscriber -> {
            Prompt request = prompts.withDefaults(prompt);
            ChatModelObservationContext context = context(request, true);
            Observation observation = observation(context);
            observation
                    .parentObservation(subscriber.getOrDefault(ObservationThreadLocalAccessor.KEY, null))
                    .start();
            Flux<ChatResponse> watched = pieces(request)
                    .doOnError(observation::error)
                    .doFinally(_ -> observation.stop())
                    .contextWrite(known -> known.put(ObservationThreadLocalAccessor.KEY, observation));
            return new MessageAggregator().aggregate(watched, context::setResponse);
        });
    }

    private Flux<ChatResponse> pieces(Prompt request) {
        Flux<ChatResponse> pieces = Flux.using(
                () -> prompts.submit(request),
                answer -> Flux.fromIterable(answer)
                        .filter(EngineChatModel::isText)
                        .map(prompts::piece)
                        .concatWith(Flux.defer(() -> Flux.just(prompts.last(answer, true)))),
                ActiveAnswer::close);
        // Reading blocks until the next token, so it needs a thread of its own.
        return pieces.subscribeOn(Schedulers.boundedElastic());
    }

    private static boolean isText(AnswerPiece piece) {
        return piece instanceof AnswerPiece.Words || piece instanceof AnswerPiece.Thought;
    }

    private static ChatModelObservationContext context(Prompt request, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(request)
                .provider(PROVIDER)
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, new DefaultChatModelObservationConvention(), () -> context, observations);
    }

    @Override
    public ChatOptions getOptions() {
        return prompts.defaults();
    }
}
