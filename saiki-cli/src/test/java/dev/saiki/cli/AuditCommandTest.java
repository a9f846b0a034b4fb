package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditCommandTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int CLIENTS = 8;

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void makeModel() {
        model = Workbench.in(folder).model();
    }

    /// A server in a process of its own.
    private record Server(TestProcess started, URI base) implements AutoCloseable {

        static Server with(String audit, String... more) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.saiki.cli.Main",
                    "serve",
                    "--model",
                    model.toString(),
                    "--port",
                    "0",
                    "--audit",
                    audit));
            command.addAll(List.of(more));
            TestProcess started = TestProcess.start(command);
            BufferedReader err = started.process().errorReader();
            String line = "";
            while (!line.startsWith("serving ")) {
                line = err.readLine();
                assertThat(line).as("it ended early").isNotNull();
            }
            return new Server(started, URI.create(line.replaceFirst("serving .* at (.*)/v1.*", "$1")));
        }

        HttpResponse<String> complete(HttpClient client, String id, boolean stream)
                throws IOException, InterruptedException {
            String body = "{\"prompt\":\"a\",\"max_tokens\":3,\"ignore_eos\":true,\"stream\":" + stream + "}";
            return client.send(
                    HttpRequest.newBuilder(base.resolve("/v1/completions"))
                            .header("X-Request-Id", id)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        Process process() {
            return started.process();
        }

        @Override
        public void close() {
            started.close();
        }
    }

    private static List<JsonNode> lines(CommandRun run) {
        return run.succeeds().out().lines().map(MAPPER::readTree).toList();
    }

    @Test
    void aServerThatIsKilledUnderLoadHasLostNoRecordOfAnAnswerThatCame() throws Exception {
        losesNothingWhenItIsKilled(folder.resolve("killed.db").toString(), folder.resolve("killed.spool"));
    }

    @Test
    void aServerThatIsKilledUnderLoadHasLostNoneInPostgresEither() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            losesNothingWhenItIsKilled(
                    postgres.getJdbcUrl("postgres", "postgres"), folder.resolve("killed-postgres.spool"));
        }
    }

    private static void losesNothingWhenItIsKilled(String audit, Path spool) throws Exception {
        Set<String> answered = ConcurrentHashMap.newKeySet();
        CountDownLatch ended = new CountDownLatch(CLIENTS);
        try (Server server = Server.with(audit, "--audit-spool", spool.toString())) {
            for (int client = 0; client < CLIENTS; client++) {
                int number = client;
                Thread.ofPlatform().start(() -> {
                    ask(server, number, answered);
                    ended.countDown();
                });
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (answered.size() < 300) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(5);
            }
            server.process().destroyForcibly().waitFor();
            assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        }
        Set<String> recorded = recorded(audit, spool);
        assertThat(answered).hasSizeGreaterThanOrEqualTo(300);
        assertThat(recorded).containsAll(answered);
        // Requests whose answers were under way may have records too, but no others.
        assertThat(recorded).hasSizeLessThanOrEqualTo(answered.size() + CLIENTS);
    }

    /// Sends requests until the server is gone, with and without streaming in turn.
    private static void ask(Server server, int client, Set<String> answered) {
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (int i = 0; ; i++) {
                String id = "client-" + client + "-" + i;
                HttpResponse<String> answer = server.complete(http, id, i % 2 == 0);
                assertThat(answer.statusCode()).isEqualTo(200);
                answered.add(id);
            }
        } catch (IOException gone) {
            // The server was killed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<String> recorded(String audit, Path spool) {
        Set<String> ids = new HashSet<>();
        String until = "2100-01-01";
        boolean more = true;
        while (more) {
            List<JsonNode> page = lines(CommandRun.of(
                    "audit",
                    "records",
                    "--audit",
                    audit,
                    "--audit-spool",
                    spool,
                    "--json",
                    "--limit",
                    1000,
                    "--until",
                    until,
                    "--status",
                    200));
            int before = ids.size();
            page.forEach(record -> assertThat(record.get("status").intValue()).isEqualTo(200));
            page.forEach(record -> ids.add(record.get("request_id").stringValue()));
            more = page.size() == 1000 && ids.size() > before;
            if (more) {
                until = page.getLast().get("time").stringValue();
            }
        }
        return ids;
    }

    @Test
    void requestsAreListedSummedUpDeletedAndErased() throws Exception {
        Path audit = folder.resolve("audit.db");
        try (Server server = Server.with(audit.toString());
                HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < 3; i++) {
                assertThat(server.complete(http, "r" + i, false).statusCode()).isEqualTo(200);
            }
            server.process().toHandle().destroy();
            assertThat(server.process().waitFor()).isEqualTo(143);
        }
        String ids = lines(CommandRun.of("audit", "records", "--audit", audit, "--json")).stream()
                .map(record -> record.get("request_id").stringValue())
                .collect(Collectors.joining(" "));
        assertThat(ids).isEqualTo("r2 r1 r0");
        CommandRun table = CommandRun.of("audit", "records", "--audit", audit, "--limit", 2)
                .succeeds();
        assertThat(table.out().lines()).hasSize(3);
        assertThat(table.out()).contains("/v1/completions", "length");
        List<JsonNode> summary = lines(CommandRun.of("audit", "records", "--audit", audit, "--summary", "--json"));
        assertThat(summary).hasSize(1);
        assertThat(summary.getFirst().get("requests").intValue()).isEqualTo(3);
        assertThat(summary.getFirst().get("completion_tokens").intValue()).isEqualTo(9);
        assertThat(summary.getFirst().get("mean_depth").doubleValue()).isBetween(1.0, 3.0);
        assertThat(CommandRun.of("audit", "records", "--audit", audit, "--summary")
                        .succeeds()
                        .out())
                .contains("requests", "saved");
        assertThat(lines(CommandRun.of("audit", "records", "--audit", audit, "--json", "--since", "1h")))
                .hasSize(3);
        assertThat(lines(CommandRun.of("audit", "records", "--audit", audit, "--json", "--until", "1h")))
                .isEmpty();
        assertThat(CommandRun.of("audit", "records", "--audit", audit, "--erase", "nobody")
                        .succeeds()
                        .out())
                .isEqualTo("erased 0 records" + System.lineSeparator());
        assertThat(CommandRun.of("audit", "records", "--audit", audit, "--delete-before", "0m")
                        .succeeds()
                        .out())
                .isEqualTo("deleted 3 records" + System.lineSeparator());
        assertThat(lines(CommandRun.of("audit", "records", "--audit", audit, "--json")))
                .isEmpty();
    }

    @Test
    void whatCannotBeIsRefused() {
        Path audit = folder.resolve("none.db");
        CommandRun.of("audit", "records", "--audit", audit).isRefused("none.db", "no such audit file");
        CommandRun.of("audit", "records", "--audit", folder).isRefused("must be a file, got a folder");
        CommandRun.of("audit", "records", "--audit", "jdbc:mysql://host/db").isRefused("jdbc:postgresql:");
        CommandRun.of("audit", "records", "--audit", audit, "--since", "yesterday")
                .isRefused("--since", "yesterday");
        CommandRun.of("audit", "records", "--audit", audit, "--limit", 0).isRefused("limit", "from 1 to 1000");
        CommandRun.of("audit", "records", "--audit", audit, "--summary", "--erase", "a")
                .isRefused("cannot be combined");
        CommandRun.of("audit", "records", "--audit", audit, "--erase", "a", "--since", "1d")
                .isRefused("--erase", "--since");
        CommandRun.of("audit", "records", "--audit", "jdbc:postgresql://127.0.0.1:1/none")
                .isRefused("127.0.0.1:1");
        CommandRun.of("serve", "--model", model, "--audit-texts").isRefused("need --audit");
        CommandRun.of("serve", "--model", model, "--audit", audit, "--audit-spool-mib", 0)
                .isRefused("audit spool", "at least");
        CommandRun.of("serve", "--model", model, "--audit", audit, "--audit-retention-days", 0)
                .isRefused("from 1 to 36500 days", "got 0");
        CommandRun.of("serve", "--model", model, "--audit-retention-days", 30).isRefused("need --audit");
        Workbench.write(folder.resolve("text.db"), "no database at all ".repeat(100));
        CommandRun.of("audit", "records", "--audit", folder.resolve("text.db"))
                .isRefused("text.db", "is not a SQLite audit database");
    }
}
