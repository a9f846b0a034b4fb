package dev.saiki.clients;

import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ApiKeys;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;

/// A server at a free port of this machine, with a model of random weights.
///
/// @param engine the model
/// @param server at its port
record ServerForClients(Engine engine, SaikiServer server) implements AutoCloseable {

    /// What the model is called, in the README too.
    static final String MODEL = "mor";

    /// A key of the strict server.
    static final String KEY = "k-many";

    /// A key of the strict server that may be used once a minute.
    static final String ONCE = "k-once";

    /// More tokens than the strict server waits for.
    static final int TOO_MANY = 60_000;

    private static final int CONTEXT = 256;
    private static final int LONG_CONTEXT = 65_536;

    static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    static ServerForClients in(Path folder) throws IOException {
        return in(folder, CONTEXT, options -> options);
    }

    /// A server that wants keys, and gives up answers that take longer than a moment.
    static ServerForClients strict(Path folder) throws IOException {
        ApiKeys keys = ApiKeys.parse(List.of(line("many", KEY, ""), line("once", ONCE, "requests=1")), "keys");
        return in(
                folder,
                LONG_CONTEXT,
                options -> options.apiKeys(keys)
                        .limits(new RequestLimits(
                                RequestLimits.DEFAULT.bodyBytes(),
                                1,
                                RequestLimits.DEFAULT.answerTokens(),
                                Duration.ofSeconds(3))));
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
        Engine engine = Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.ofText(TOKENIZER.vocabSize(), context), 3),
                TOKENIZER,
                EngineOptions.builder().threads(1).build());
        return new ServerForClients(
                engine,
                SaikiServer.start(
                        engine,
                        change.apply(ServerOptions.builder(MODEL).at("127.0.0.1", 0))
                                .build()));
    }

    /// What clients of OpenAI call the base URL; the version belongs to it.
    String baseUrl() {
        return "http://127.0.0.1:" + server.port() + "/v1";
    }

    @Override
    public void close() {
        server.close();
        engine.close();
    }
}
