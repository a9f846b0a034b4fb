package dev.saiki.server.openai.embeddings;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.protocol.GenerationFields;
import dev.saiki.server.protocol.PromptFields;
import dev.saiki.server.protocol.Protocol;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A reader of the requests of `/v1/embeddings`.
///
/// @param limits the limits on a request
record EmbeddingReader(RequestLimits limits) {

    /// OpenAI's limit, which clients rely on.
    private static final int MAX_INPUTS = 2048;

    private static final String INPUT = "input";
    private static final String FORMAT = "encoding_format";

    EmbeddingCall read(Request request, RequestBody body) {
        Engine engine = request.deployment().engine();
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.CHAT);
        fields.requirePossible(List.of(), Set.of());
        requireTexts(body);
        List<EncodedPrompt> inputs = PromptFields.all(body, INPUT, MAX_INPUTS, engine);
        inputs.forEach(input -> requireRoom(input, engine.config().maxPositionEmbeddings()));
        GenerationRequest settings = GenerationRequest.builder(inputs.getFirst().ids(), 1)
                .route(fields.route())
                .build();
        EmbeddingCall call = new EmbeddingCall(
                new GenerationCall(inputs, 1, 0, settings, Set.of(), 0),
                isBase64(body),
                body.integer("dimensions", 1, engine.config().hiddenSize())
                        .orElse(engine.config().hiddenSize()));
        // Refuses a `user` of the wrong type; the field has no other effect.
        Optional<String> _ = body.text("user");
        return call;
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

    /// Refuses an empty text, which has no embedding; as a prompt for generation, it would begin a new document.
    private static void requireTexts(RequestBody body) {
        boolean empty = body.value(INPUT)
                .filter(given -> Stream.concat(Stream.of(given), given.values().stream())
                        .anyMatch(item -> item.isString() && item.stringValue().isEmpty()))
                .isPresent();
        if (empty) {
            throw ApiException.invalid("input must not contain an empty text", INPUT);
        }
    }

    private static void requireRoom(EncodedPrompt input, int context) {
        if (input.ids().length > context) {
            throw ApiException.tooLong(
                    "the model's context is " + context + " tokens, and the input has " + input.ids().length, INPUT);
        }
    }
}
