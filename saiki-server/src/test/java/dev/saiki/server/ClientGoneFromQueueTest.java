package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.SequenceStatus;
import dev.saiki.engine.settings.EngineOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Clients that disconnect before or while the engine works on their requests, at every endpoint with such
/// work. A long answer runs throughout, so that their requests can end only because they disconnected.
class ClientGoneFromQueueTest {

    private static final String BLOCKING =
            "{\"prompt\":\"the sea\",\"max_tokens\":60000,\"ignore_eos\":true,\"stream\":true}";

    @TempDir
    private static Path folder;

    private static TestServer server;
    private InputStream blocking;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder,
                65_536,
                EngineOptions.builder()
                        .threads(1)
                        .maxSequences(1)
                        .maxWaiting(64)
                        .build(),
                options -> options);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void block() {
        blocking = server.open("/v1/completions", BLOCKING).body();
        TestServer.await(() -> server.engine().statistics().running() == 1);
    }

    @AfterEach
    void unblock() throws IOException {
        blocking.close();
        TestServer.await(() -> server.engine().sequences().isEmpty());
        assertThat(server.engine().statistics().cache().pagesInUse()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "/v1/completions | {\"prompt\":\"a\"} | 1",
                "/v1/completions | {\"prompt\":[\"a\",\"b\"],\"n\":2,\"stream\":true} | 4",
                "/v1/completions | {\"prompt\":\"abc\",\"max_tokens\":0,\"echo\":true,\"logprobs\":1} | 1",
                "/v1/completions | {\"prompt\":\"abc\",\"max_tokens\":1,\"echo\":true,\"logprobs\":1} | 1",
                "/v1/chat/completions | {\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"n\":3} | 3",
                "/v1/chat/completions | {\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"n\":3,\"stream\":true}"
                        + " | 3",
                "/v1/responses | {\"input\":\"a\"} | 1",
                "/v1/responses | {\"input\":\"a\",\"stream\":true} | 1",
                "/v1/embeddings | {\"input\":\"a\"} | 1",
                "/v1/embeddings | {\"input\":[\"a\",\"b\",\"c\"]} | 3",
                "/inspect | {\"prompt\":\"a\"} | 1",
                "/inspect | {\"prompt\":\"a\",\"max_tokens\":3,\"depths\":{\"0\":1}} | 1",
            })
    void aClientThatLeavesTheQueueIsNoticed(String path, String body, int requests) {
        try (RawClient client = new RawClient(server.port()).send(RawClient.request(path, body))) {
            TestServer.await(() -> server.engine().waiting() == requests);
            client.leave();
            TestServer.await(() -> server.engine().waiting() == 0);
        }
        assertThat(server.engine().sequences())
                .singleElement()
                .extracting(SequenceStatus::running)
                .isEqualTo(true);
    }

    @Test
    void aClientThatIsKilledInTheQueueIsNoticedToo() {
        try (RawClient client =
                new RawClient(server.port()).send(RawClient.request("/inspect", "{\"prompt\":\"a\"}"))) {
            TestServer.await(() -> server.engine().waiting() == 1);
            client.reset();
            TestServer.await(() -> server.engine().waiting() == 0);
        }
    }
}
