package dev.saiki.server.openai.embeddings;

import dev.saiki.engine.Engine;
import dev.saiki.engine.Finish;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TextEmbedding;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditedText;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.generation.AnswerWriter;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.metrics.RequestClock;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.openai.GenerationFields;
import dev.saiki.server.prompt.Prompt;
import dev.saiki.server.settings.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/v1/embeddings`: texts as points, near to each other where the model has like things in mind.
///
/// A vector is the mean of a text's last hidden states, as deep as the router sends each token, and of length
/// 1. Depth is never taken away from these requests when many wait: vectors are compared with others that were
/// made before.
public final class EmbeddingEndpoint {

    /// OpenAI's own bound, of which clients know.
    private static final int MOST_INPUTS = 2048;

    private static final String INPUT = "input";
    private static final String FORMAT = "encoding_format";

    private final ServedModel model;
    private final Limits limits;
    private final ServerMetrics metrics;

    public EmbeddingEndpoint(ServedModel model, Limits limits, ServerMetrics metrics) {
        this.model = model;
        this.limits = limits;
        this.metrics = metrics;
    }

    public List<Route> routes() {
        return List.of(new Route("POST", "/v1/embeddings", Work.ENGINE, this::answer));
    }

    private Engine engine() {
        return model.engine();
    }

    private void answer(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        GenerationFields fields = new GenerationFields(body, model, limits);
        fields.requirePossible(List.of(), Set.of());
        requireTexts(body);
        List<Prompt> inputs = Prompt.all(body, INPUT, MOST_INPUTS, engine());
        inputs.forEach(this::requireRoom);
        Answering answering = new Answering(
                new Ask(
                        inputs,
                        1,
                        0,
                        GenerationRequest.builder(inputs.getFirst().ids(), 1)
                                .route(fields.route())
                                .build(),
                        Set.of()),
                isBase64(body),
                body.integer("dimensions", 1, engine().config().hiddenSize())
                        .orElse(engine().config().hiddenSize()));
        // Read, so that a value of the wrong kind is refused as elsewhere; nothing here heeds it.
        Optional<String> _ = body.text("user");
        answering.answer(exchange);
    }

    private static boolean isBase64(RequestBody body) {
        String format = body.text(FORMAT).orElse("float");
        return switch (format) {
            case "float" -> false;
            case "base64" -> true;
            default ->
                throw ApiException.invalid(
                        FORMAT + " must be float or base64, got " + RequestBody.shortened(format), FORMAT);
        };
    }

    /// Nothing has no place; elsewhere an empty text begins a new document.
    private static void requireTexts(RequestBody body) {
        boolean empty = body.value(INPUT)
                .filter(given -> Stream.concat(Stream.of(given), given.values().stream())
                        .anyMatch(item -> item.isString() && item.stringValue().isEmpty()))
                .isPresent();
        if (empty) {
            throw ApiException.invalid("input must not have an empty text", INPUT);
        }
    }

    private void requireRoom(Prompt input) {
        int context = engine().config().maxPositionEmbeddings();
        if (input.ids().length > context) {
            throw ApiException.tooLong(
                    "the model's context is " + context + " tokens, and the input has " + input.ids().length, INPUT);
        }
    }

    /// The answer to one request.
    private final class Answering {

        private final Ask ask;
        private final boolean base64;
        private final int dimensions;
        private final Usage usage = new Usage(engine().config(), 0);
        private final RequestClock clock = metrics.begin("embeddings");
        private final AuditEntry entry = AuditEntry.current();
        private final ArrayNode data = Json.object().putArray("data");

        Answering(Ask ask, boolean base64, int dimensions) {
            this.ask = ask;
            this.base64 = base64;
            this.dimensions = dimensions;
        }

        void answer(Exchange exchange) {
            entry.asked(ask.toAudit());
            try (Embeddings embeddings = new Embeddings(engine(), ask.settings().route(), limits.answerTime());
                    Exchange.Watch _ = exchange.watch(embeddings::abandon)) {
                embeddings.embed(ask.prompts(), this::add);
                clock.done(usage.toSpending(ask.prompts().size()));
            } catch (RuntimeException failure) {
                clock.cutOff(usage.toSpending(ask.prompts().size()));
                clock.failed(AnswerWriter.nameOf(failure));
                throw failure;
            }
            if (usage.overruled() > 0) {
                exchange.setHeader(AnswerWriter.ROUTER_HEADER, AnswerWriter.OVERRULED);
            }
            exchange.send(200, Json.CONTENT_TYPE, Json.bytes(body()));
        }

        private void add(TextEmbedding embedding, int index) {
            Prompt input = ask.prompts().get(index);
            usage.add(
                    ask,
                    index,
                    new Finish(
                            FinishReason.MAX_TOKENS,
                            "",
                            input.ids().length,
                            0,
                            0,
                            embedding.depths(),
                            embedding.overruled(),
                            Optional.of(embedding.queued()),
                            Optional.empty()));
            clock.queued(embedding.queued());
            if (entry.wantsTexts()) {
                List<Integer> depths = Arrays.stream(embedding.depths()).boxed().toList();
                entry.said(new AuditedText(input.text(), "", depths));
            }
            ObjectNode item = data.addObject();
            item.put("object", "embedding");
            item.put("index", index);
            putVector(item, embedding.first(dimensions).vector());
        }

        private void putVector(ObjectNode item, float[] vector) {
            if (base64) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(vector);
                item.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
            } else {
                ArrayNode numbers = item.putArray("embedding");
                for (float number : vector) {
                    numbers.add(number);
                }
            }
        }

        private ObjectNode body() {
            ObjectNode body = Json.object();
            body.put("object", "list");
            body.set("data", data);
            body.put("model", model.name());
            body.set("usage", usage.toJson());
            return body;
        }
    }
}
