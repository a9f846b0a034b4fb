package dev.saiki.spring;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.TextEmbedder;
import dev.saiki.engine.TextEmbedder.EmbeddedTexts;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/// A Spring AI embedding model, based on an engine in the same JVM. The embedding of a text is the mean of its
/// tokens' last hidden states, normalized to length 1. Thread-safe.
public final class EngineEmbeddingModel implements EmbeddingModel {

    private final Engine engine;
    private final TextEmbedder embedder;
    private final String name;
    private final ObservationRegistry observations;
    private final EmbeddingModelObservationConvention convention;

    /// Creates an embedding model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param route depth settings
    /// @param observations registry of request observations
    /// @param convention names of the observations; null for Spring AI's names
    public EngineEmbeddingModel(
            Engine engine,
            RouteSettings route,
            ObservationRegistry observations,
            @Nullable EmbeddingModelObservationConvention convention) {
        this.engine = engine;
        this.embedder = new TextEmbedder(engine, route);
        this.name = CheckpointDirectory.nameOf(engine.checkpoint().path());
        this.observations = observations;
        this.convention = Objects.requireNonNullElseGet(convention, DefaultEmbeddingModelObservationConvention::new);
    }

    /// Creates an embedding model on an engine, with depths chosen by the router and without observations.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @return the model
    public static EngineEmbeddingModel of(Engine engine) {
        return new EngineEmbeddingModel(engine, RouteSettings.MODEL, ObservationRegistry.NOOP, null);
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingOptions asked = request.getOptions();
        int dimensions = dimensions(asked);
        // Observations contain the name of the model.
        EmbeddingRequest named = new EmbeddingRequest(
                request.getInstructions(),
                EmbeddingOptions.builder().model(name).dimensions(dimensions).build());
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(named)
                .provider(EngineChatModel.PROVIDER)
                .build();
        return Objects.requireNonNull(EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, new DefaultEmbeddingModelObservationConvention(), () -> context, observations)
                .observe(() -> {
                    EmbeddingResponse response = embed(request.getInstructions(), dimensions);
                    context.setResponse(response);
                    return response;
                }));
    }

    private EmbeddingResponse embed(List<String> instructions, int dimensions) {
        EmbeddedTexts texts = embedder.embed(instructions);
        List<Embedding> embeddings = IntStream.range(0, texts.embeddings().size())
                .mapToObj(i -> new Embedding(
                        texts.embeddings().get(i).first(dimensions).vector(), i))
                .toList();
        return new EmbeddingResponse(
                embeddings, new EmbeddingResponseMetadata(name, new DefaultUsage(texts.tokens(), 0)));
    }

    private int dimensions(@Nullable EmbeddingOptions options) {
        String model = options == null ? null : options.getModel();
        if (model != null && !model.equals(name)) {
            throw new InputException("model must be " + name + ", got " + model);
        }
        Integer asked = options == null ? null : options.getDimensions();
        if (asked != null && (asked < 1 || asked > dimensions())) {
            throw new InputException("dimensions must be from 1 to " + dimensions() + ", got " + asked);
        }
        return asked == null ? dimensions() : asked;
    }

    @Override
    public float[] embed(Document document) {
        return embed(Objects.requireNonNullElse(getEmbeddingContent(document), ""));
    }

    @Override
    public int dimensions() {
        return engine.config().hiddenSize();
    }
}
