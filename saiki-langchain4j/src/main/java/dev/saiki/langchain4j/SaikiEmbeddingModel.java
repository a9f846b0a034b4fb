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

/// An embedding model of LangChain4j on an engine in the same JVM: texts as the mean of their tokens' last states,
/// of length 1. Safe for any number of threads.
public final class SaikiEmbeddingModel implements EmbeddingModel {

    private final Engine engine;
    private final TextEmbedder embedder;
    private final String name;

    /// Puts a model in front of an engine.
    ///
    /// @param engine that has a tokenizer, and is closed by who opened it
    /// @param route what is asked of depth
    public SaikiEmbeddingModel(Engine engine, RouteSettings route) {
        this.engine = engine;
        this.embedder = new TextEmbedder(engine, route);
        this.name = CheckpointDirectory.nameOf(engine.checkpoint().path());
    }

    /// Puts a model in front of an engine, as deep as the router goes.
    ///
    /// @param engine that has a tokenizer, and is closed by who opened it
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
