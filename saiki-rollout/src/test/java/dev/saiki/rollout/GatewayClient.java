package dev.saiki.rollout;

import dev.saiki.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// A client of a gateway.
record GatewayClient(int port, String key) {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static GatewayClient of(Gateway gateway) {
        return new GatewayClient(gateway.port(), "client-key");
    }

    GatewayClient with(String other) {
        return new GatewayClient(port, other);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + key)
                .timeout(Duration.ofSeconds(30));
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return HTTP.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// The status and the body of an answer.
    String tryPost(String path, String body) {
        try {
            HttpResponse<String> answer = post(path, body);
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return String.valueOf(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<InputStream> open(String path, String body) throws IOException, InterruptedException {
        return HTTP.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    /// A conversation's request, complete or streamed.
    HttpResponse<String> chat(String conversation, boolean streams) throws IOException, InterruptedException {
        return HTTP.send(
                request("/v1/chat/completions")
                        .header("Content-Type", "application/json")
                        .header("X-Conversation-Id", conversation)
                        .POST(HttpRequest.BodyPublishers.ofString(chatBody(streams)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /// A request that names the side that is to answer.
    HttpResponse<String> forced(String side) throws IOException, InterruptedException {
        return HTTP.send(
                request("/v1/chat/completions")
                        .header("Content-Type", "application/json")
                        .header("X-Saiki-Force-Side", side)
                        .POST(HttpRequest.BodyPublishers.ofString(chatBody(false)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static String chatBody(boolean streams) {
        return "{\"model\":\"assistant\",\"stream\":" + streams
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"temperature\":0.70}";
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return Json.read(get(path).body().getBytes(StandardCharsets.UTF_8));
    }

    /// The side that answered a conversation's request; to be asked until it is another one, too.
    String side(String conversation) {
        try {
            return chat(conversation, false)
                    .headers()
                    .firstValue("X-Saiki-Side")
                    .orElse("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The sides that answer twenty conversations.
    List<String> sides() {
        return IntStream.range(0, 20)
                .mapToObj(conversation -> side("c" + conversation))
                .toList();
    }

    /// The number of observations of a gate.
    long observed(int gate) {
        return status().path("evidence").path(gate).path("observed").asLong(0);
    }

    /// The stage, the evidence, and what the next stage waits for.
    JsonNode status() {
        try {
            return json("/rollout");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The reasons of all decisions.
    String reasons() {
        try {
            return get("/rollout/decisions").body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether a field of a document has a value.
    boolean shows(String path, String field, String value) {
        try {
            return json(path).path(field).asString("").equals(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The number of observations in a slice.
    long observed(String slice) {
        try {
            return json("/rollout")
                    .path("evidence")
                    .valueStream()
                    .filter(test -> test.path("slice").asString("").equals(slice))
                    .mapToLong(test -> test.path("observed").asLong(0))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String state() throws IOException, InterruptedException {
        return json("/rollout").path("state").asString("");
    }

    /// Waits for an event, for at most half a minute.
    static boolean comes(BooleanSupplier event) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (System.nanoTime() < end) {
            if (event.getAsBoolean()) {
                return true;
            }
            Thread.sleep(Duration.ofMillis(20));
        }
        return false;
    }
}
