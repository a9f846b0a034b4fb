package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server at a free port of this machine, with a model of random weights.
///
/// @param engine the engine with the model
/// @param server the server
/// @param watcher asks the server how many clients have disconnected
record ServerForClients(Engine engine, SaikiServer server, Watcher watcher) implements AutoCloseable {

    /// A reader of the server's metrics.
    ///
    /// @param http an HTTP client that trusts the server
    /// @param scheme the scheme of the server's address
    /// @param key an operator's key
    record Watcher(HttpClient http, String scheme, String key) {}

    /// The model's name, also in the README.
    static final String MODEL = "mor";

    /// A key of the strict server.
    static final String KEY = "k-many";

    /// A key of the strict server with a limit of one request per minute.
    static final String ONCE = "k-once";

    private static final String OPERATOR = "k-watch";

    /// A number of tokens that takes longer than the time limit of the strict server.
    static final int TOO_MANY = 60_000;

    /// Enough tokens for every schema of the tests, whatever a model with random weights generates.
    static final int ROOM = 3_000;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern GONE = Pattern.compile("(?m)^saiki_clients_gone_total\\S* (\\S+)$");

    private static final int CONTEXT = 256;
    private static final int LONG_CONTEXT = 65_536;

    static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    static ServerForClients in(Path folder) throws IOException {
        return in(folder, CONTEXT, options -> options);
    }

    /// A server with room for any answer.
    static ServerForClients roomy(Path folder) throws IOException {
        return in(folder, LONG_CONTEXT, options -> options);
    }

    /// A server that requires keys, and cancels answers after a short time limit.
    static ServerForClients strict(Path folder) throws IOException {
        return in(
                folder,
                LONG_CONTEXT,
                options -> options.apiKeys(keys())
                        .limits(new RequestLimits(
                                RequestLimits.DEFAULT.bodyBytes(),
                                1,
                                RequestLimits.DEFAULT.answerTokens(),
                                Duration.ofSeconds(3))));
    }

    /// A server with room for any answer, which requires keys and uses TLS.
    static ServerForClients secured(Path folder, OwnCertificate certificate) throws IOException {
        HttpClient http =
                HttpClient.newBuilder().sslContext(certificate.trusting()).build();
        return in(
                folder,
                LONG_CONTEXT,
                new Watcher(http, "https", OPERATOR),
                options -> options.apiKeys(keys()).tls(certificate.options()));
    }

    private static ApiKeys keys() {
        return ApiKeys.parse(
                List.of(line("many", KEY, ""), line("once", ONCE, "requests=1"), line("watch", OPERATOR, "operator")),
                "keys");
    }

    private static String line(String name, String key, String bound) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return (name + " " + HexFormat.of().formatHex(hash) + " " + bound).strip();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ServerForClients in(Path folder, int context, UnaryOperator<ServerOptions.Builder> change)
            throws IOException {
        return in(folder, context, new Watcher(HttpClient.newHttpClient(), "http", OPERATOR), change);
    }

    private static ServerForClients in(
            Path folder, int context, Watcher watcher, UnaryOperator<ServerOptions.Builder> change) throws IOException {
        Engine engine = Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.ofText(TOKENIZER.vocabSize(), context), 3),
                TOKENIZER,
                EngineOptions.builder().threads(1).build());
        return new ServerForClients(
                engine,
                SaikiServer.start(
                        engine,
                        change.apply(ServerOptions.builder(MODEL).at("127.0.0.1", 0))
                                .build()),
                watcher);
    }

    /// The base URL, as OpenAI's clients call it, which includes the version.
    String baseUrl() {
        return origin() + "/v1";
    }

    /// The server's address, without the version.
    String origin() {
        return watcher.scheme() + "://127.0.0.1:" + server.port();
    }

    /// Runs an action that starts and cancels an answer, and waits until the server has noticed the
    /// cancellation.
    void notices(Runnable leave) {
        double before = clientsThatLeft();
        leave.run();
        await(() -> clientsThatLeft() > before && engine.sequences().isEmpty());
    }

    private double clientsThatLeft() {
        HttpRequest asked = HttpRequest.newBuilder(URI.create(origin() + "/metrics"))
                .header("Authorization", "Bearer " + watcher.key())
                .build();
        try {
            Matcher count = GONE.matcher(
                    watcher.http().send(asked, BodyHandlers.ofString()).body());
            assertThat(count.find()).isTrue();
            return Double.parseDouble(count.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Override
    public void close() {
        watcher.http().close();
        server.close();
        engine.close();
    }
}
