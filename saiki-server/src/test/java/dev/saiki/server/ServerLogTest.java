package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/// The server's log of requests, and what it must not contain.
@Isolated
class ServerLogTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String LONG = "\"max_tokens\":60000,\"ignore_eos\":true";
    private static final String KEY = "secret";

    @TempDir
    private static Path folder;

    private static TestServer server;

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger access = (Logger) LoggerFactory.getLogger("saiki.access");

    /// Records log events with the ids of their requests.
    private final ListAppender<ILoggingEvent> log = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing();
            super.append(event);
        }
    };

    @BeforeAll
    static void start() throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(KEY.getBytes(StandardCharsets.UTF_8));
        ApiKeys keys = ApiKeys.parse(List.of("team " + HexFormat.of().formatHex(hash)), "keys");
        server = TestServer.in(
                folder, 65_536, EngineOptions.builder().threads(1).build(), options -> options.apiKeys(keys));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void listen() {
        root.setLevel(Level.INFO);
        access.setLevel(Level.OFF);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        root.detachAppender(log);
        root.setLevel(Level.OFF);
        access.setLevel(null);
    }

    private List<String> lines() {
        return List.copyOf(log.list).stream()
                .map(event -> event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : ": " + ThrowableProxyUtil.asString(event.getThrowableProxy())))
                .toList();
    }

    private static byte[] request(String fields) {
        return RawClient.request(
                CHAT,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"the sea\"}]," + fields + "}",
                "Authorization: Bearer " + KEY);
    }

    /// Waits until the server is idle.
    private static void settle() {
        TestServer.await(() -> server.engine().sequences().isEmpty());
        server.get("/v1/models", "Authorization", "Bearer " + KEY).succeeds();
    }

    @Test
    void clientsThatLeaveAreNoErrorsOfTheServer() {
        byte[] whole = request(LONG);
        byte[] stream = request(LONG + ",\"stream\":true");
        for (int bytes : new int[] {1, 40, whole.length - 10}) {
            try (RawClient client = new RawClient(server.port()).send(whole, 0, bytes)) {
                client.reset();
            }
            try (RawClient client = new RawClient(server.port()).send(whole, 0, bytes)) {
                client.leave();
            }
        }
        for (byte[] request : List.of(whole, stream)) {
            try (RawClient client = new RawClient(server.port()).send(request)) {
                TestServer.await(() -> !server.engine().sequences().isEmpty());
                client.reset();
            }
            TestServer.await(() -> server.engine().sequences().isEmpty());
        }
        try (RawClient client = new RawClient(server.port()).send(stream)) {
            client.read(600);
            client.reset();
        }
        byte[] embedding = RawClient.request(
                "/v1/embeddings", "{\"input\":\"" + "the sea ".repeat(2000) + "\"}", "Authorization: Bearer " + KEY);
        try (RawClient client = new RawClient(server.port()).send(embedding)) {
            TestServer.await(() -> !server.engine().sequences().isEmpty());
            client.reset();
        }
        settle();
        assertThat(lines()).isEmpty();
    }

    @Test
    void aRequestIsALineWhereThatIsAskedFor() {
        access.setLevel(Level.INFO);
        server.get("/v1/models?x=1", "Authorization", "Bearer " + KEY, "X-Request-Id", "first")
                .succeeds();
        server.get("/no%0Asuch", "X-Request-Id", "second");
        try (RawClient client = new RawClient(server.port()).send(request(LONG))) {
            TestServer.await(() -> !server.engine().sequences().isEmpty());
            client.reset();
        }
        TestServer.await(() -> log.list.size() >= 3);

        assertThat(lines().get(0))
                .matches("INFO saiki\\.access 127\\.0\\.0\\.1 team \"GET /v1/models\" 200 \\d+ bytes [\\d.]+ ms");
        assertThat(log.list.get(0).getMDCPropertyMap()).containsEntry("request_id", "first");
        assertThat(lines().get(1)).contains("- \"GET /no?such\" 401 ");
        assertThat(log.list.get(1).getMDCPropertyMap()).containsEntry("request_id", "second");
        assertThat(lines().get(2)).contains("team \"POST " + CHAT + "\" 499 ");
    }

    @Test
    void whatOfASchemaDoesNotBindIsTold() {
        String schema = ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":"
                + "{\"type\":\"boolean\",\"not\":{\"const\":true}}}}";
        TestServer.Answer answer = server.post(
                CHAT,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]" + schema + "}",
                "Authorization",
                "Bearer " + KEY);
        assertThat(answer.succeeds().at("/choices/0/message/content").stringValue())
                .isIn("true", "false");
        assertThat(answer.raw().headers().firstValue("Saiki-Relaxed")).contains("not");
        assertThat(lines()).singleElement().asString().contains("schema keywords not enforced: not");
        server.post(
                        CHAT,
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]"
                                + schema.replace("\"name\":\"a\"", "\"strict\":true") + "}",
                        "Authorization",
                        "Bearer " + KEY)
                .isRefused("response_format", "#: not is not supported");
    }
}
