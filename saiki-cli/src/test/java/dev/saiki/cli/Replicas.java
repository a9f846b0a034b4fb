package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.io.Sha256;
import dev.saiki.testkit.Program;
import dev.saiki.testkit.TestProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Three servers of one model in processes of their own, a PostgreSQL in which they count rate limits together,
/// and the nginx of `examples/replicas` in front of them.
final class Replicas implements AutoCloseable {

    static final String OPERATOR = "operator-key";
    static final String BOUNDED = "bounded-key";

    /// The limited key's limit, in requests per minute.
    static final int BOUND = 600;

    private static final Path EXAMPLE = Path.of("..", "examples", "replicas", "nginx.conf");
    private static final int NUMBER = 3;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path folder;
    private final Path model;
    private final EmbeddedPostgres database;
    private final List<ServeProcess> servers = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private TestProcess nginx;
    private int port;

    private Replicas(Path folder, Path model) throws IOException {
        this.folder = folder;
        this.model = model;
        this.database = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgres"))
                .setCleanDataDirectory(false)
                .start();
        Files.writeString(
                keys(), line("operator", OPERATOR, "operator") + line("bounded", BOUNDED, "requests=" + BOUND));
        for (int i = 0; i < NUMBER; i++) {
            ServeProcess server = ServeProcess.start(model, options(i));
            servers.add(server);
            ports.add(server.port());
        }
        this.nginx = proxy(true);
    }

    /// Starts all processes.
    static Replicas of(Path folder, Path model) throws IOException {
        return new Replicas(folder, model);
    }

    private static String line(String name, String key, String more) {
        return name + " " + Sha256.hex(key.getBytes(StandardCharsets.UTF_8)) + " " + more + "\n";
    }

    private Path keys() {
        return folder.resolve("keys");
    }

    private String[] options(int replica) {
        return new String[] {
            "--admin",
            "--api-keys",
            keys().toString(),
            "--shared-limits",
            url(),
            "--audit",
            url(),
            "--audit-spool",
            folder.resolve("spool-" + replica).toString(),
            "--target-first-token",
            "0"
        };
    }

    private String url() {
        return database.getJdbcUrl("postgres", "postgres");
    }

    private TestProcess proxy(boolean hasAffinity) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path own = Files.createDirectories(folder.resolve("nginx-" + port));
        String text = Files.readString(EXAMPLE)
                .replace(
                        "events {}",
                        "daemon off;\nmaster_process off;\npid " + own + "/nginx.pid;\nerror_log " + own
                                + "/error.log;\nevents {}")
                .replace(
                        "access_log off;",
                        "access_log off;\nclient_body_temp_path " + own + ";\nproxy_temp_path " + own
                                + ";\nfastcgi_temp_path " + own + ";\nuwsgi_temp_path " + own + ";\nscgi_temp_path "
                                + own + ";")
                .replace("location / {", "location / {\nadd_header X-Upstream $upstream_addr always;")
                .replace("127.0.0.1:8080", "127.0.0.1:" + port);
        for (int i = 0; i < NUMBER; i++) {
            text = text.replace("127.0.0.1:808" + (i + 1), "127.0.0.1:" + ports.get(i));
        }
        if (!hasAffinity) {
            text = text.replace("hash $affinity consistent;", "");
        }
        TestProcess process = TestProcess.start(List.of(
                Program.NGINX.path(),
                "-p",
                own.toString(),
                "-e",
                own.resolve("error.log").toString(),
                "-c",
                Files.writeString(own.resolve("nginx.conf"), text).toString()));
        for (int look = 0; !listens(port); look++) {
            assertThat(look).as("looks for nginx of %s", own).isLessThan(400);
            pause();
        }
        return process;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Replaces the nginx by one that sends requests to the replicas in turn.
    void goRound() throws IOException {
        nginx.close();
        nginx = proxy(false);
    }

    /// A request through the proxy.
    HttpRequest request(String path, String key, String conversation, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + key)
                .header("X-Conversation-Id", conversation)
                .header("Content-Type", "application/json")
                .timeout(Duration.ofMinutes(2))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return http.send(request, handler);
    }

    /// Makes each replica reload its model, one after another.
    void reloadAll() throws IOException, InterruptedException {
        for (int one : ports) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + one + "/admin/reload"))
                            .header("Authorization", "Bearer " + OPERATOR)
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }

    /// Ends each replica as an orchestrator does and restarts it, one after another.
    void restartAll() throws IOException {
        for (int i = 0; i < NUMBER; i++) {
            try (ServeProcess old = servers.get(i)) {
                old.terminate();
                old.saidUntilItsEnd();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            servers.set(i, ServeProcess.startAt(ports.get(i), model, options(i)));
        }
    }

    /// Kills the first replica.
    ///
    /// @return its address, as the proxy reports it
    String killOne() throws InterruptedException {
        servers.getFirst().kill();
        return "127.0.0.1:" + ports.getFirst();
    }

    /// Changes the limit of the limited key, and makes all replicas read the keys again.
    void bound(int requestsAMinute) throws IOException, InterruptedException {
        Files.writeString(
                keys(),
                line("operator", OPERATOR, "operator") + line("bounded", BOUNDED, "requests=" + requestsAMinute));
        for (ServeProcess server : servers) {
            server.hangUp();
            server.lineWith("reloaded: the keys");
        }
    }

    @Override
    public void close() throws IOException {
        nginx.close();
        for (ServeProcess server : servers) {
            server.close();
        }
        database.close();
        http.close();
    }
}
