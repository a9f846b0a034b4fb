package dev.saiki.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An S3-compatible server in its own process, with one empty bucket.
///
/// The server accepts any credentials; those of {@link #environment} occur nowhere else, so a test can search for
/// them.
public final class S3Server implements AutoCloseable {

    /// The name of the bucket.
    public static final String BUCKET = "models";

    /// The access key in {@link #environment}.
    public static final String ACCESS_KEY = "AKIASAIKITESTS000001";

    /// The secret key in {@link #environment}.
    public static final String SECRET_KEY = "sEcReTsAiKiTeStSkEy/0123456789+abcdefghij";

    private static final Path CLASS_PATH = Path.of("..", "saiki-s3-testserver", "target", "class-path.txt");
    private static final Duration START = Duration.ofMinutes(4);

    private final TestProcess process;
    private final int port;

    private S3Server(TestProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts a server, and waits until it responds.
    ///
    /// @param folder the folder for the server's objects
    /// @return the server
    /// @throws IOException if the server's process does not start
    /// @throws InterruptedException if the thread is interrupted while it waits
    public static S3Server start(Path folder) throws IOException, InterruptedException {
        int port = freePort();
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        TestProcess process = TestProcess.start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dserver.port=" + freePort(),
                        "-Dhttp.port=" + port,
                        "-Dserver.address=127.0.0.1",
                        "-Dcom.adobe.testing.s3mock.max-payload-size=64MB",
                        "-Dcom.adobe.testing.s3mock.store.root=" + folder,
                        "-Dcom.adobe.testing.s3mock.store.initialBuckets=" + BUCKET,
                        "-cp",
                        Files.readString(CLASS_PATH).strip(),
                        "com.adobe.testing.s3mock.S3MockApplication"),
                builder -> builder.redirectErrorStream(true).redirectOutput(log.toFile()));
        S3Server server = new S3Server(process, port);
        server.awaitAnswer(log);
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitAnswer(Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (true) {
            try {
                HttpResponse<String> answer =
                        send(HttpRequest.newBuilder(URI.create(endpoint() + "/" + BUCKET + "?list-type=2")));
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                return;
            } catch (IOException notYet) {
                assertThat(process.process().isAlive() && System.nanoTime() < end)
                        .as(Files.readString(log))
                        .isTrue();
                Thread.sleep(100);
            }
        }
    }

    /// The port at which the server listens on the loopback interface.
    ///
    /// @return the port
    public int port() {
        return port;
    }

    /// Returns the server's URL.
    ///
    /// @return a URL
    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /// Writes an object, as another tool would.
    ///
    /// @param key the object's key
    /// @param content the object's content
    /// @throws IOException if the server does not respond
    /// @throws InterruptedException if the thread is interrupted while it waits
    public void put(String key, byte[] content) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                send(HttpRequest.newBuilder(uri(key)).PUT(HttpRequest.BodyPublishers.ofByteArray(content)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /// Reads an object, as another tool would.
    ///
    /// @param key the object's key
    /// @return the object's text; empty if there is no such object
    /// @throws IOException if the server does not respond
    /// @throws InterruptedException if the thread is interrupted while it waits
    public Optional<String> get(String key) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(uri(key)));
        return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
    }

    private URI uri(String key) {
        return URI.create(endpoint() + "/" + BUCKET + "/" + key);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /// The environment of a process that uses object storage at an endpoint.
    ///
    /// @param endpoint this server, or a proxy in front of it
    /// @param cache the user's cache folder; a different folder stands for another user's machine
    /// @return variables
    public static Map<String, String> environment(String endpoint, Path cache) {
        return Map.of(
                "AWS_ENDPOINT_URL_S3",
                endpoint,
                "AWS_ACCESS_KEY_ID",
                ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY",
                SECRET_KEY,
                "AWS_EC2_METADATA_DISABLED",
                "true",
                "XDG_CACHE_HOME",
                cache.toString());
    }

    @Override
    public void close() {
        process.close();
    }
}
