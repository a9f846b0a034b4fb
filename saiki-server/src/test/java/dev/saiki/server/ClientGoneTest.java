package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.server.ConnectionLimits;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that disconnect, stall, or do not read, over real sockets. After each of them the server is idle,
/// holds no pages, and answers as before.
class ClientGoneTest {

    private static final String PATH = "/v1/completions";
    private static final String LONG =
            "{\"prompt\":\"the sea\",\"max_tokens\":60000,\"ignore_eos\":true,\"logit_bias\":{\"5\":-100}";
    private static final String SHORT =
            "{\"prompt\":\"the sea\",\"max_tokens\":5,\"temperature\":0,\"ignore_eos\":true";
    private static final Duration SILENCE = Duration.ofMillis(700);
    private static final Duration REQUEST = Duration.ofMillis(1500);
    private static final long SEED = 20261125;

    @TempDir
    private static Path folder;

    @TempDir
    private static Path patientFolder;

    private static TestServer server;
    private static TestServer patient;
    private static String usual;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder,
                65_536,
                EngineOptions.builder().threads(1).build(),
                options -> options.connections(new ConnectionLimits(4096, SILENCE, REQUEST, REQUEST)));
        patient = TestServer.in(
                patientFolder,
                256,
                EngineOptions.builder().threads(1).build(),
                options -> options.connections(
                        new ConnectionLimits(4096, Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1))));
        usual = text();
    }

    @AfterAll
    static void stop() {
        patient.close();
        server.close();
    }

    /// Uses a new connection, since the server may be closing an older one because it was idle.
    private static String text() {
        try (RawClient client = new RawClient(server.port())) {
            String answer = client.send(RawClient.request(PATH, SHORT + "}")).answer();
            assertThat(answer).startsWith("HTTP/1.1 200");
            return TestServer.parse(answer.substring(answer.indexOf("\r\n\r\n")))
                    .at("/choices/0/text")
                    .stringValue();
        }
    }

    @AfterEach
    void theServerIsAsItWas() {
        TestServer.await(() -> server.engine().sequences().isEmpty());
        assertThat(server.engine().statistics().cache().pagesInUse()).isZero();
        assertThat(text()).isEqualTo(usual);
    }

    /// Starts a long answer, waits until the engine generates it, and runs an action of the client.
    private static void duringAnswer(String body, Consumer<RawClient> act) {
        duringAnswer(PATH, body, act);
    }

    private static void duringAnswer(String path, String body, Consumer<RawClient> act) {
        try (RawClient client = new RawClient(server.port()).send(RawClient.request(path, body))) {
            TestServer.await(() -> server.engine().sequences().stream().anyMatch(one -> one.tokens() > 3));
            act.accept(client);
            long steps = entryRuns();
            TestServer.await(() -> server.engine().sequences().isEmpty());
            // What the engine does until the kernel and two threads have passed the news on: far from 60,000 tokens.
            assertThat(entryRuns() - steps).isLessThan(20_000);
        }
    }

    private static long entryRuns() {
        EngineStatistics statistics = server.engine().statistics();
        return statistics.stages().getFirst().runs();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ",\"stream\":true", ",\"n\":3", ",\"n\":2,\"stream\":true", ",\"echo\":true,\"logprobs\":1"})
    void aClientThatClosesIsNoticedWhileItsAnswerIsMade(String fields) {
        duringAnswer(LONG + fields + "}", RawClient::leave);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"stream\":true"})
    void aClientThatIsKilledIsNoticed(String fields) {
        duringAnswer(LONG + fields + "}", RawClient::reset);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"stream\":true"})
    void aClientThatClosesItsOwnDirectionIsTakenForGone(String fields) {
        duringAnswer(LONG + fields + "}", RawClient::closeOneDirection);
    }

    @Test
    void aPromptThatIsScoredForNobodyIsGivenUp() {
        String prompt = "[" + "7,".repeat(30_000) + "7]";
        try (RawClient client = new RawClient(server.port())
                .send(RawClient.request(
                        PATH, "{\"prompt\":" + prompt + ",\"max_tokens\":0,\"echo\":true,\"logprobs\":1}"))) {
            TestServer.await(() -> !server.engine().sequences().isEmpty());
            client.leave();
            TestServer.await(() -> server.engine().sequences().isEmpty());
        }
    }

    /// Far more work than is done until the news has come, and none of it is asked for again.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "/v1/chat/completions | {\"n\":2,\"ignore_eos\":true,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
                "/v1/responses | {\"ignore_eos\":true,\"input\":\"a\"}",
                "/v1/responses | {\"ignore_eos\":true,\"input\":\"a\",\"stream\":true}",
            })
    void aClientOfAConversationIsNoticedWhenItLeaves(String path, String body) {
        duringAnswer(path, body, RawClient::leave);
    }

    @Test
    void aRequestCutAfterAnyByteMakesNoWorkAndNoNoise() {
        byte[] request = RawClient.request(PATH, SHORT + "}");
        long before = server.engine().statistics().tokensWritten();
        IntStream.range(0, request.length).forEach(cut -> {
            try (RawClient client = new RawClient(server.port()).send(request, 0, cut)) {
                if (cut % 2 == 0) {
                    client.reset();
                }
            }
        });
        TestServer.await(() -> server.engine().sequences().isEmpty());
        assertThat(server.engine().statistics().tokensWritten()).isEqualTo(before);
    }

    @Test
    void aLongAnswerMayBeCutAnywhere() {
        byte[] request = RawClient.request(PATH, LONG + ",\"stream\":true}");
        Random random = new Random(SEED);
        for (int cut = 0; cut < 60; cut++) {
            int bytes = cut < 30 ? cut * 12 : random.nextInt(30_000);
            try (RawClient client = new RawClient(server.port()).send(request)) {
                assertThat(client.read(bytes)).as("cut after %d bytes", bytes).hasSize(bytes);
                if (cut % 2 == 0) {
                    client.reset();
                }
            }
        }
    }

    /// After none of its bytes, after each, and after the last; how many there are differs a little from
    /// time to time, for pieces that come at once go together.
    @ParameterizedTest
    @ValueSource(strings = {"", ",\"stream\":true", ",\"stream\":true,\"n\":2"})
    void anAnswerMayBeCutAfterAnyByte(String fields) {
        String body = "{\"prompt\":\"a\",\"max_tokens\":2,\"temperature\":0,\"ignore_eos\":true" + fields + "}";
        byte[] request = last(RawClient.request(PATH, body));
        int length;
        try (RawClient client = new RawClient(server.port()).send(request)) {
            length = client.read(1 << 20).length;
        }
        assertThat(length).isBetween(500, 10_000);
        int complete = 0;
        for (int cut = 0; cut <= length; cut++) {
            try (RawClient client = new RawClient(server.port()).send(request)) {
                complete += client.read(cut).length == cut ? 1 : 0;
                client.reset();
            }
        }
        assertThat(complete).isGreaterThan(length - 50);
    }

    /// A request after whose answer the connection ends.
    private static byte[] last(byte[] request) {
        return new String(request, StandardCharsets.UTF_8)
                .replaceFirst("\r\n", "\r\nConnection: close\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatComesNextOnAConnectionThatWasWatchedIsNotLost() {
        byte[] request = RawClient.request(PATH, SHORT + "}");
        try (RawClient client = new RawClient(server.port())) {
            for (int times = 0; times < 20; times++) {
                client.send(request);
                assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("\"choices\"");
            }
        }
    }

    @Test
    void requestsThatComeBeforeTheirTurnAreAllAnswered() {
        byte[] one = RawClient.request(PATH, SHORT + "}");
        byte[] three = new String(one, StandardCharsets.UTF_8).repeat(3).getBytes(StandardCharsets.UTF_8);
        for (int cut = one.length - 3; cut < one.length + 40; cut += 7) {
            try (RawClient client =
                    new RawClient(server.port()).send(three, 0, cut).send(three, cut, three.length)) {
                for (int answers = 0; answers < 3; answers++) {
                    assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("\"choices\"");
                }
            }
        }
    }

    /// The engine is held for longer than a client may be silent, however fast the machine is.
    @Test
    void anAnswerMayTakeLongerThanAClientMayBeSilent() {
        try (RawClient client = new RawClient(server.port())) {
            RawClient waiting = server.whileHeld(() -> {
                client.send(RawClient.request(PATH, SHORT + "}"));
                TestServer.await(() -> server.engine().waiting() == 1);
                LockSupport.parkNanos(2 * SILENCE.toNanos());
                return client;
            });
            assertThat(waiting.answer()).startsWith("HTTP/1.1 200").contains("\"completion_tokens\":5");
        }
    }

    @Test
    void aSlowReaderHoldsNobodyUpAndIsCutOff() {
        long before = server.engine().statistics().tokensWritten();
        try (RawClient _ = new RawClient(server.port(), 1024)
                .send(RawClient.request(PATH, LONG + ",\"stream\":true,\"logprobs\":5}"))) {
            TestServer.await(() -> !server.engine().sequences().isEmpty());
            assertThat(text()).isEqualTo(usual);
            TestServer.await(() -> server.engine().sequences().isEmpty());
            assertThat(server.engine().statistics().tokensWritten() - before).isLessThan(60_000);
        }
    }

    private static double gone() {
        return server.series().entrySet().stream()
                .filter(series -> series.getKey().startsWith("saiki_clients_gone_total"))
                .mapToDouble(series -> series.getValue())
                .sum();
    }

    /// A peer whose machine vanishes says neither that it leaves nor anything else. What it is owed is then
    /// bounded as here, where the client's kernel says that it has no room: whoever takes nothing for as
    /// long as a client may be silent is given up, with the answer that was ready for it.
    @Test
    void aWholeAnswerThatNobodyTakesIsGivenUp() {
        double before = gone();
        try (RawClient _ = new RawClient(server.port(), 1024).send(askForMegabytes())) {
            TestServer.await(() -> gone() > before);
            assertThat(gone()).isEqualTo(before + 1);
        }
    }

    /// A request whose complete answer is larger than the buffers of two kernels.
    private static byte[] askForMegabytes() {
        String prompt = "[" + "7,".repeat(120) + "7]";
        String prompts = "[" + (prompt + ",").repeat(119) + prompt + "]";
        return RawClient.request(PATH, "{\"prompt\":" + prompts + ",\"max_tokens\":0,\"echo\":true,\"logprobs\":20}");
    }

    /// It takes all of it in several times as long as it may take nothing, at an even pace.
    @Test
    void aSteadyReaderOfALargeWholeAnswerGetsAllOfIt() {
        int piece = 1 << 16;
        try (RawClient client = new RawClient(server.port(), piece).send(last(askForMegabytes()))) {
            String head = new String(client.read(piece), StandardCharsets.ISO_8859_1);
            int length = Integer.parseInt(head.replaceFirst("(?is).*?\r\ncontent-length: *(\\d+).*", "$1"));
            long rest = length - (piece - head.indexOf("\r\n\r\n") - 4L);
            long pace = 3 * SILENCE.toNanos() * piece / length;
            long start = System.nanoTime();
            long taken = 0;
            int got = piece;
            for (long pieces = 1; got == piece; pieces++) {
                LockSupport.parkNanos(start + pieces * pace - System.nanoTime());
                got = client.read(piece).length;
                taken += got;
            }
            assertThat(taken).isEqualTo(rest).isGreaterThan(8_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 30, 120})
    void aClientThatStopsInTheMiddleOfARequestIsCutOff(int bytes) {
        byte[] request = RawClient.request(PATH, SHORT + "}");
        try (RawClient client = new RawClient(server.port()).send(request, 0, bytes)) {
            long start = System.nanoTime();
            assertThat(client.isClosedByServer()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(SILENCE.dividedBy(2));
        }
    }

    @Test
    void aRequestThatTricklesInIsCutOff() throws InterruptedException {
        byte[] request = RawClient.request(PATH, SHORT + "}");
        try (RawClient client = new RawClient(server.port())) {
            long start = System.nanoTime();
            boolean open = true;
            for (int at = 0; open && at < request.length; at++) {
                Thread.sleep(60);
                try {
                    client.send(request, at, at + 1);
                } catch (UncheckedIOException closed) {
                    open = false;
                }
            }
            assertThat(open).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(REQUEST.dividedBy(2));
        }
    }

    /// With the default limits, an unclosed connection stays open for a minute, and a client that waits for its
    /// end would wait as long.
    @ParameterizedTest
    @ValueSource(
            strings = {
                SHORT + "}",
                SHORT + ",\"stream\":true}",
                "{\"prompt\": 5, \"max_tokens\": \"many\"}",
                "{\"prompt\": "
            })
    void aConnectionEndsBehindTheAnswerWhenItsClientAskedForThat(String body) {
        int port = patient.port();
        byte[] request = new String(RawClient.request(PATH, body), StandardCharsets.UTF_8)
                .replaceFirst("\r\n", "\r\nConnection: Close, TE\r\n")
                .getBytes(StandardCharsets.UTF_8);
        try (RawClient client = new RawClient(port).send(request)) {
            assertThat(client.answer()).startsWith("HTTP/1.1 ").contains("\r\n\r\n");
            assertThat(client.read(1)).isEmpty();
        }
    }
}
