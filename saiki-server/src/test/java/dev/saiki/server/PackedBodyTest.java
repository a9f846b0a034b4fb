package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.saiki.server.settings.RequestLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Compressed bodies, which the server never unpacks, whatever they contain.
class PackedBodyTest {

    private static final String PATH = "/v1/completions";
    private static final String GOOD = "{\"prompt\":\"a\",\"max_tokens\":1}";

    /// The unpacked size of the bomb; packed, it is a thousandth of that.
    private static final long UNPACKED = 1L << 28;

    /// The number of bytes sent before the answer is awaited.
    private static final int SENT = 1000;

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// A request that is valid by itself, after a number of spaces.
    private static byte[] packed(long spaces) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] some = " ".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
            for (long written = 0; written < spaces; written += some.length) {
                gzip.write(some);
            }
            gzip.write(GOOD.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static TestServer.Answer send(byte[] body, String coding) {
        return server.send(
                server.request(PATH, "Content-Encoding", coding).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "gzip, identity", "identity", "any"})
    void aCodingIsRefusedThoughItsContentIsGood(String coding) {
        TestServer.Answer answer = send(packed(0), coding);
        answer.isError(415, "invalid_request_error", "without Content-Encoding");
        assertThat(answer.raw().headers().firstValue("Accept-Encoding")).contains("identity");
        assertThat(answer.json().at("/error/code").stringValue()).isEqualTo("unsupported_content_encoding");
    }

    /// The answer arrives before most of the body was sent: bytes that were not read cannot be unpacked.
    @Test
    void aBombIsRefusedBeforeItIsRead() {
        byte[] bomb = packed(UNPACKED);
        assertThat(bomb.length).isBetween(1 << 17, RequestLimits.DEFAULT.bodyBytes() - 1);
        byte[] head = ("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getTotalThreadAllocatedBytes();
        try (RawClient client = new RawClient(server.port()).send(head).send(bomb, 0, SENT)) {
            assertThat(client.answer()).startsWith("HTTP/1.1 415 ").contains("unsupported_content_encoding");
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(threads.getTotalThreadAllocatedBytes() - before).isLessThan(UNPACKED / 16);
        server.post(PATH, GOOD).succeeds();
    }

    /// Without the header, the body consists of bytes that are not JSON.
    @Test
    void aBombThatDoesNotSayWhatItIsIsNoJson() {
        server.send(server.request(PATH).POST(HttpRequest.BodyPublishers.ofByteArray(packed(1 << 20))))
                .isRefused("", "not valid JSON");
    }
}
