package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.AlertRules;
import dev.saiki.testkit.HeldThread;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server with a small model of random weights, at a free port of this machine, and a client of it.
final class TestServer implements AutoCloseable {

    /// The model's name.
    static final String MODEL = "tiny";

    /// The model's context.
    static final int CONTEXT = 256;

    /// A tokenizer with one token for each byte and a few merges.
    static final Tokenizer TOKENIZER = BytePairTrainer.train(
            List.of("the whale and the captain", "the sea, the ship and the whale")
                    .iterator(),
            BytePairTrainer.SMALLEST_VOCABULARY + 8);

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final long SEED = 11;

    private final Engine engine;
    private final SaikiServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// An answer: status, headers, and the body as JSON if it is JSON.
    record Answer(int status, HttpResponse<String> raw) {
        JsonNode json() {
            assertThat(raw.headers().firstValue("Content-Type")).contains("application/json");
            return MAPPER.readTree(raw.body());
        }

        JsonNode succeeds() {
            assertThat(status).as(raw.body()).isEqualTo(200);
            return json();
        }

        /// Fails unless the answer is an error object in OpenAI's form.
        void isError(int expected, String type, String... fragments) {
            assertThat(status).as(raw.body()).isEqualTo(expected);
            JsonNode error = json().get("error");
            assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
            assertThat(error.get("type").stringValue()).isEqualTo(type);
            assertThat(error.get("message").stringValue())
                    .contains(fragments.length == 0 ? new String[] {" "} : fragments)
                    .doesNotContain("Exception", "dev.saiki", "tools.jackson", "ReadFeature", "\tat ");
        }

        /// Fails unless the answer is a 400 that names a field.
        void isRefused(String param, String... fragments) {
            isError(400, "invalid_request_error", fragments);
            assertThat(json().get("error").get("param").stringValue("")).isEqualTo(param);
        }
    }

    private TestServer(Engine engine, SaikiServer server) {
        this.engine = engine;
        this.server = server;
    }

    static TestServer in(Path folder) {
        return in(folder, EngineOptions.builder().threads(1).build(), options -> options);
    }

    static TestServer in(Path folder, EngineOptions engineOptions, UnaryOperator<ServerOptions.Builder> change) {
        return in(folder, CONTEXT, engineOptions, change);
    }

    /// A server whose answers may be so long that they take seconds.
    static TestServer in(
            Path folder, int context, EngineOptions engineOptions, UnaryOperator<ServerOptions.Builder> change) {
        Engine engine = engine(folder, config(context), engineOptions);
        try {
            return new TestServer(engine, SaikiServer.start(engine, options(change)));
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /// A server for a given engine, which is closed with the server.
    static TestServer of(Engine engine, UnaryOperator<ServerOptions.Builder> change) {
        return new TestServer(engine, SaikiServer.start(engine, options(change)));
    }

    /// A server for several models, the first of which is closed with the server.
    static TestServer of(List<ModelChoice> models, UnaryOperator<ServerOptions.Builder> change) {
        return new TestServer(models.getFirst().engine(), SaikiServer.start(models, options(change)));
    }

    private static ServerOptions options(UnaryOperator<ServerOptions.Builder> change) {
        return change.apply(ServerOptions.builder(MODEL).at("127.0.0.1", 0)).build();
    }

    static ModelConfig config() {
        return config(CONTEXT);
    }

    private static ModelConfig config(int context) {
        return TinyModels.ofText(TOKENIZER.vocabSize(), context);
    }

    private static Engine engine(Path folder, ModelConfig config, EngineOptions options) {
        try {
            return Engine.open(RandomCheckpoint.write(folder.resolve("model"), config, SEED), TOKENIZER, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Engine engine() {
        return engine;
    }

    SaikiServer server() {
        return server;
    }

    int port() {
        return server.port();
    }

    Answer get(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    Answer post(String path, String body, String... headers) {
        return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    /// Sends a request, and waits only for the head of the answer.
    HttpResponse<InputStream> open(String path, String body) {
        try {
            return client.send(
                    request(path)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Runs an action while the engine is held, so that no request to the engine ends meanwhile.
    <T> T whileHeld(Supplier<T> action) {
        return HeldThread.during(() -> engine.embed(new int[] {1}, RouteSettings.within(1, 1)), action);
    }

    /// Waits until a condition holds.
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
            LockSupport.parkNanos(2_000_000);
        }
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// The series of the metrics, by name and labels.
    Map<String, Double> series() {
        Answer answer = get("/metrics");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.raw().headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        return series(answer.raw().body());
    }

    /// The series in the content of `/metrics`.
    static Map<String, Double> series(String scrape) {
        return AlertRules.series(scrape);
    }

    /// The events of a stream: what follows `data: `, comments and the name of a failure left out.
    static List<String> events(Answer answer) {
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
        assertThat(answer.raw().headers().firstValue("Content-Type")).contains("text/event-stream");
        return answer.raw()
                .body()
                .lines()
                .filter(line -> !line.isEmpty() && !line.startsWith(":") && !line.equals("event: error"))
                .map(line -> {
                    assertThat(line).startsWith("data: ");
                    return line.substring("data: ".length());
                })
                .toList();
    }

    static JsonNode parse(String json) {
        return MAPPER.readTree(json);
    }

    @Override
    public void close() {
        server.close();
        engine.close();
    }
}
