package dev.saiki.server.openai.embeddings;

import dev.saiki.engine.TextEmbedding;
import dev.saiki.http.Json;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.protocol.UsageJson;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/embeddings`.
final class EmbeddingRenderer {

    private final EmbeddingCall call;
    private final ArrayNode data = Json.object().putArray("data");

    EmbeddingRenderer(EmbeddingCall call) {
        this.call = call;
    }

    void add(TextEmbedding embedding, int index) {
        ObjectNode item = data.addObject();
        item.put("object", "embedding");
        item.put("index", index);
        float[] vector = embedding.first(call.dimensions()).vector();
        if (call.base64()) {
            ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            item.put("embedding", Base64.getEncoder().encodeToString(bytes.array()));
        } else {
            ArrayNode numbers = item.putArray("embedding");
            for (float number : vector) {
                numbers.add(number);
            }
        }
    }

    ObjectNode whole(String model, Usage usage) {
        ObjectNode body = Json.object();
        body.put("object", "list");
        body.set("data", data);
        body.put("model", model);
        body.set("usage", UsageJson.of(usage));
        return body;
    }
}
