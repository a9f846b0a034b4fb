package dev.saiki.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.QueueFullException;
import dev.saiki.engine.TextEmbedder;
import dev.saiki.engine.TextEmbedder.EmbeddedTexts;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;

/// A LangChain4j embedding model, based on an engine in the same JVM. The embedding of a text is the mean of its
/// tokens' last hidden states, normalized to length 1. Thread-safe.
public final class SaikiEmbeddingModel implements EmbeddingModel {

    private final Engine engine;
    private final TextEmbedder embedder;
    private final String name;

    /// Creates an embedding model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param route depth settings
    public SaikiEmbeddingModel(Engine engine, RouteSettings route) {
        this.engine = engine;
        this.embedder = new TextEmbedder(engine, route);
        this.name = CheckpointDirectory.nameOf(engine.checkpoint().path());
    }

    /// Creates an embedding model on an engine, with depths chosen by the router.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @return the model
    public static SaikiEmbeddingModel of(Engine engine) {
        return new SaikiEmbeddingModel(engine, RouteSettings.MODEL);
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        try {
            EmbeddedTexts texts = embedder.embed(
                    request.inputs().stream().map(EmbeddingInput::text).toList());
            return EmbeddingResponse.builder()
                    .embeddings(texts.embeddings().stream()
                            .map(embedding -> Embedding.from(embedding.vector()))
                            .toList())
                    .modelName(name)
                    .tokenUsage(new TokenUsage(texts.tokens(), 0))
                    .build();
        } catch (QueueFullException e) {
            throw new RateLimitException(e.getMessage(), e);
        } catch (InputException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    @Override
    public int dimension() {
        return engine.config().hiddenSize();
    }

    @Override
    public String modelName() {
        return name;
    }
}
