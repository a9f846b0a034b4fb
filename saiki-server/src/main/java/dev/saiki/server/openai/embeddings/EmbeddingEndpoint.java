package dev.saiki.server.openai.embeddings;

import dev.saiki.engine.GenerationResult;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Endpoint;
import dev.saiki.server.access.Request;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.generation.GenerationEndpoint;
import dev.saiki.server.generation.GenerationRecorder;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.settings.RequestLimits;
import java.util.Optional;
import java.util.TreeMap;

/// The endpoint `/v1/embeddings`, which returns texts as vectors; vectors of texts that the model treats as
/// similar are close to each other.
///
/// A vector is the mean of the final hidden states of a text's tokens, each at the depth that the router chooses,
/// scaled to length one. Depth is never lowered under load for these requests, because vectors are compared with
/// earlier ones.
public final class EmbeddingEndpoint implements Endpoint {

    private final EmbeddingReader reader;
    private final RequestLimits limits;

    /// Creates the endpoint.
    ///
    /// @param limits the limits on a request
    public EmbeddingEndpoint(RequestLimits limits) {
        this.reader = new EmbeddingReader(limits);
        this.limits = limits;
    }

    @Override
    public void answer(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        EmbeddingCall call = reader.read(request, body);
        GenerationCall texts = call.texts();
        ModelDeployment deployment = request.deployment();
        EmbeddingRenderer renderer = new EmbeddingRenderer(call);
        GenerationRecorder recorder = new GenerationRecorder(
                texts,
                deployment.engine().config(),
                request.entry(),
                deployment.monitors().metrics().begin("embeddings"),
                (_, _, finish) -> finish.reason().name());
        Usage usage;
        try (ActiveEmbeddings embeddings = new ActiveEmbeddings(
                        deployment.engine(), texts.settings().route(), limits.answerTime());
                Exchange.Watch _ = request.exchange().watch(embeddings::abandon)) {
            embeddings.embed(texts.prompts(), (embedding, index) -> {
                recorder.count(
                        index,
                        GenerationResult.ofPrompt(
                                texts.prompts().get(index).ids().length,
                                embedding.depths(),
                                embedding.overruled(),
                                Optional.of(embedding.queued())));
                renderer.add(embedding, index);
            });
            usage = recorder.completed().usage();
        } catch (RuntimeException failure) {
            recorder.cutOff(_ -> new TreeMap<>());
            recorder.failed(failure);
            throw failure;
        }
        if (usage.overruled() > 0) {
            request.exchange().setHeader(GenerationEndpoint.ROUTER_HEADER, GenerationEndpoint.OVERRULED);
        }
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(renderer.whole(deployment.name(), usage)));
    }
}
