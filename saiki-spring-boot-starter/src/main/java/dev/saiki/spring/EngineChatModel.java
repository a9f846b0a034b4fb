package dev.saiki.spring;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
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

/// A chat model of Spring AI on an engine in the same JVM. Safe for any number of threads.
///
/// Conversations are written down by the checkpoint's chat template, if it has one. A schema of the output binds the
/// answer. Tools, their results and media are refused. Spring's observations hear of every request.
public final class EngineChatModel implements ChatModel {

    /// The key of the mean depth, recursions of a token, in the metadata of an answer.
    public static final String MEAN_DEPTH = "mean_depth";

    /// What observations call the provider.
    static final String PROVIDER = "saiki";

    private final EnginePrompts prompts;
    private final ObservationRegistry observations;
    private final ChatModelObservationConvention convention;

    /// Puts a model in front of an engine.
    ///
    /// @param engine that has a tokenizer, and is closed by who opened it
    /// @param defaults of requests
    /// @param observations that hear of requests
    /// @param convention of their names; null for Spring AI's
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

    /// Puts a model in front of an engine, of which no observation hears.
    ///
    /// @param engine that has a tokenizer, and is closed by who opened it
    /// @param defaults of requests
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
        try (TokenStream stream = prompts.submit(request)) {
            StringBuilder text = new StringBuilder();
            for (Token token : stream) {
                text.append(token.text());
            }
            GenerationResult result = stream.finish();
            return prompts.last(text + result.text(), result);
        }
    }

    /// Streams an answer, each piece as soon as it is written; the last one has usage and finish reason. A subscriber
    /// that cancels ends the work.
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
                stream -> Flux.fromIterable(stream)
                        .map(Token::text)
                        .filter(text -> !text.isEmpty())
                        .map(prompts::piece)
                        .concatWith(Flux.defer(() -> {
                            GenerationResult result = stream.finish();
                            return Flux.just(prompts.last(result.text(), result));
                        })),
                TokenStream::close);
        // Reading waits for each token.
        return pieces.subscribeOn(Schedulers.boundedElastic());
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
