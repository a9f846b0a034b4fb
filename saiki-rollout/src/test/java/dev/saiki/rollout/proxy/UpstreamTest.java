package dev.saiki.rollout.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.http.ClientGoneException;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {

    private static final String HEAD = "HTTP/1.1 200 OK\r\n";
    private static final String SHORT = HEAD + "Content-Length: 2\r\n\r\nok";

    private final Upstream upstream = new Upstream();

    @AfterEach
    void close() {
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD + "Content-Length: 11\r\n\r\nhello world",
                HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n006;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n" + HEAD + "content-length:11\r\n\r\nhello world",
                "HTTP/1.1 404 \r\nContent-Length: 11\r\n\r\nhello world",
            })
    void anAnswerIsReadHoweverItIsCutAndItsConnectionKept(String answer) throws Exception {
        try (RawEndpoint endpoint = RawEndpoint.saying(answer, true)) {
            assertThat(ask(endpoint)).isEqualTo("hello world");
            assertThat(ask(endpoint)).isEqualTo("hello world");
            assertThat(endpoint.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD + "\r\nhello world",
                "HTTP/1.0 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
                HEAD + "Connection: close\r\nContent-Length: 11\r\n\r\nhello world",
            })
    void anAnswerThatEndsItsConnectionIsRead(String answer) throws Exception {
        try (RawEndpoint endpoint = RawEndpoint.saying(answer, false)) {
            assertThat(ask(endpoint)).isEqualTo("hello world");
            assertThat(ask(endpoint)).isEqualTo("hello world");
            assertThat(endpoint.connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD + "Content-Length: 12\r\n\r\nhello world",
                HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
            })
    void anAnswerThatBreaksOffIsNotTakenForAWholeOne(String answer) {
        try (RawEndpoint endpoint = RawEndpoint.saying(answer, false)) {
            assertThatThrownBy(() -> ask(endpoint)).isInstanceOf(ConnectionClosedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "-1", "", "fffffffffffffffff"})
    void aChunkWithoutALengthIsRefused(String length) {
        try (RawEndpoint endpoint =
                RawEndpoint.saying(HEAD + "Transfer-Encoding: chunked\r\n\r\n" + length + "\r\nhello\r\n", true)) {
            assertThatThrownBy(() -> ask(endpoint)).isInstanceOf(MalformedChunkCodingException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH\r\n\r\n",
                HEAD + "no header\r\n\r\n",
                HEAD + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                HEAD + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
                HEAD + "Content-Length: -1\r\n\r\n",
                HEAD + "Content-Type: text/event-stream\r\n",
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            })
    void whatIsNotHttpIsOneClearErrorAndNotAskedAgain(String answer) {
        try (RawEndpoint endpoint = RawEndpoint.saying(answer, false)) {
            assertThatThrownBy(() -> ask(endpoint))
                    .isInstanceOf(UpstreamException.class)
                    .hasMessage("the answer is not valid HTTP");
            assertThat(endpoint.requests()).isEqualTo(1);
        }
    }

    @Test
    void aConnectionThatWasClosedMeanwhileCostsNothingButANewOne() throws Exception {
        try (RawEndpoint endpoint = RawEndpoint.saying(SHORT, false)) {
            for (int request = 0; request < 3; request++) {
                assertThat(ask(endpoint)).isEqualTo("ok");
            }
            assertThat(endpoint.requests()).isEqualTo(3);
        }
    }

    @Test
    void whatNobodyAskedForIsNotTakenForAnAnswer() throws Exception {
        CountDownLatch said = new CountDownLatch(1);
        try (RawEndpoint endpoint = RawEndpoint.start((number, output) -> {
            send(output, SHORT);
            if (number == 1) {
                // Behind an answer of its own, as some servers do before they close a connection that waits.
                Thread.sleep(50);
                send(output, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
                said.countDown();
            }
            return true;
        })) {
            assertThat(ask(endpoint)).isEqualTo("ok");
            said.await();
            assertThat(ask(endpoint)).isEqualTo("ok");
            assertThat(endpoint.connections()).isEqualTo(2);
        }
    }

    @Test
    void whatFollowsAnAnswerInOneMessageIsNotTakenForTheNext() throws Exception {
        try (RawEndpoint endpoint = RawEndpoint.start((number, output) -> {
            send(output, number == 1 ? SHORT + SHORT.replace("ok", "no") : SHORT);
            return true;
        })) {
            assertThat(ask(endpoint)).isEqualTo("ok");
            assertThat(ask(endpoint)).isEqualTo("ok");
            assertThat(endpoint.connections()).isEqualTo(2);
        }
    }

    @Test
    void neitherARequestNorAnAnswerIsChanged() throws Exception {
        String answer = "HTTP/1.1 302 Found\r\nLocation: /v1/other\r\nSet-Cookie: a=b\r\n"
                + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok";
        try (RawEndpoint endpoint = RawEndpoint.saying(answer, true)) {
            for (int request = 1; request <= 2; request++) {
                assertThat(ask(endpoint)).isEqualTo("ok");
                assertThat(endpoint.head())
                        .containsExactly(
                                "GET /v1/models?a=b HTTP/1.1",
                                "Host: " + endpoint.url().getAuthority());
                assertThat(endpoint.requests()).isEqualTo(request);
            }
        }
    }

    @Test
    void aSideThatSaysNothingIsLeftInTime() {
        CountDownLatch never = new CountDownLatch(1);
        try (RawEndpoint endpoint = RawEndpoint.start((_, _) -> {
            never.await();
            return false;
        })) {
            assertThatThrownBy(() -> ask(endpoint, Duration.ofMillis(100), new Cancellation()))
                    .isInstanceOfSatisfying(
                            UpstreamException.class,
                            failure -> assertThat(failure.fault().isTimeout()).isTrue())
                    .hasMessage("no answer within 100 ms");
        } finally {
            never.countDown();
        }
    }

    @Test
    void aClientThatLeavesEndsTheWait() {
        CountDownLatch never = new CountDownLatch(1);
        Cancellation cancellation = new Cancellation();
        try (RawEndpoint endpoint = RawEndpoint.start((_, _) -> {
            cancellation.cancel();
            never.await();
            return false;
        })) {
            assertThatThrownBy(() -> ask(endpoint, Duration.ofSeconds(20), cancellation))
                    .isInstanceOf(ClientGoneException.class);
        } finally {
            never.countDown();
        }
    }

    @Test
    void aClientThatLeavesAfterItsAnswerEndsNoOther() throws Exception {
        Cancellation early = new Cancellation();
        try (RawEndpoint endpoint = RawEndpoint.start((number, output) -> {
            if (number == 2) {
                early.cancel();
            }
            send(output, SHORT);
            return true;
        })) {
            assertThat(ask(endpoint, Duration.ofSeconds(20), early)).isEqualTo("ok");
            assertThat(ask(endpoint)).isEqualTo("ok");
            assertThat(endpoint.requests()).isEqualTo(2);
            assertThat(endpoint.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:1/v1", "http://127.0.0.1:70000/v1", "http://nowhere.invalid/v1"})
    void aSideThatIsNotThereIsOneClearError(String url) {
        ModelEndpoint side = new ModelEndpoint(
                URI.create(url),
                "m",
                Optional.empty(),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20));
        UpstreamRequest request = new UpstreamRequest("GET", side.at("/v1/models", ""), List.of(), new byte[0]);
        assertThatThrownBy(() -> upstream.ask(request, side, false, new Cancellation()))
                .isInstanceOf(UpstreamException.class)
                .message()
                .containsAnyOf("cannot connect", "cannot be sent");
    }

    @Test
    void aHeaderIsOneLine() {
        assertThatThrownBy(() -> new UpstreamRequest.Header("X-One", "a\r\nX-Two: b"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new UpstreamRequest.Header("X-One: a\r\nX-Two", "b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void send(OutputStream output, String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String ask(RawEndpoint endpoint) throws IOException, UpstreamException {
        return ask(endpoint, Duration.ofSeconds(20), new Cancellation());
    }

    private String ask(RawEndpoint endpoint, Duration patience, Cancellation cancellation)
            throws IOException, UpstreamException {
        ModelEndpoint side = new ModelEndpoint(endpoint.url(), "m", Optional.empty(), patience, patience, patience);
        UpstreamRequest request = new UpstreamRequest("GET", side.at("/v1/models", "a=b"), List.of(), new byte[0]);
        try (UpstreamAnswer answer = upstream.ask(request, side, false, cancellation)) {
            return RawEndpoint.text(answer);
        }
    }
}
