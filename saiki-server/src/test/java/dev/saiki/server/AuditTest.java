package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.audit.AuditDatabase;
import dev.saiki.server.audit.AuditFilter;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.audit.AuditRecord;
import dev.saiki.server.audit.AuditedText;
import dev.saiki.server.audit.ModelVersion;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TestProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AuditTest {

    private static final String COMPLETIONS = "/v1/completions";
    /// A request whose record takes 240 kB if texts are recorded, and which gives the engine no work.
    private static final String MUCH_TEXT = "{\"prompt\":["
            + Stream.generate(() -> '"' + "the whale ".repeat(3000) + '"')
                    .limit(8)
                    .collect(Collectors.joining(","))
            + "],\"max_tokens\":0}";

    private static final String NINE_TOKENS =
            "{\"prompt\":\"the sea\",\"max_tokens\":9,\"ignore_eos\":true,\"seed\":7,\"temperature\":0.5}";

    @TempDir
    private Path folder;

    private AuditOptions toFile() {
        return AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
    }

    private TestServer server(AuditOptions audit) {
        return server(audit, options -> options);
    }

    private TestServer server(AuditOptions audit, UnaryOperator<ServerOptions.Builder> change) {
        return TestServer.in(
                folder,
                65_536,
                EngineOptions.builder().threads(1).build(),
                options -> change.apply(options.audit(audit)));
    }

    /// All records, the newest first, once the expected number exists.
    private static List<AuditRecord> records(AuditOptions audit, int expected) {
        TestServer.await(() -> read(audit).size() >= expected);
        List<AuditRecord> all = read(audit);
        assertThat(all).hasSize(expected);
        return all;
    }

    private static List<AuditRecord> read(AuditOptions audit) {
        try (AuditDatabase database = AuditDatabase.open(audit.database())) {
            return database.find(AuditFilter.ALL.page(Optional.empty(), AuditFilter.MAX_LIMIT));
        } catch (SQLException e) {
            return List.of();
        }
    }

    private static double metric(TestServer server, String name) {
        return server.get("/metrics")
                .raw()
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aRequestLeavesARecordThatSaysWhatItsAnswerSays() {
        AuditOptions audit = toFile();
        try (TestServer server = server(audit)) {
            JsonNode usage = server.post(COMPLETIONS, NINE_TOKENS, "X-Request-Id", "mine")
                    .succeeds()
                    .get("usage");
            AuditRecord record = records(audit, 1).getFirst();
            assertThat(record.requestId()).isEqualTo("mine");
            assertThat(record.path()).isEqualTo(COMPLETIONS);
            assertThat(record.status()).isEqualTo(200);
            assertThat(record.subject()).isEmpty();
            assertThat(record.finishReason()).contains("length");
            assertThat(record.error()).isEmpty();
            assertThat(record.texts()).isEmpty();
            Spending spending = record.spending().orElseThrow();
            assertThat(spending.promptTokens())
                    .isEqualTo(usage.get("prompt_tokens").longValue());
            assertThat(spending.completionTokens()).isEqualTo(9);
            JsonNode recursions = usage.get("recursions");
            assertThat(spending.flops()).isEqualTo(recursions.get("flops").longValue());
            assertThat(spending.flopsSaved())
                    .isEqualTo(recursions.get("flops_saved").longValue());
            assertThat(spending.tokensAtDepth().toString().replace(" ", ""))
                    .isEqualTo(recursions.get("histogram").toString());
            assertThat(record.settings().orElseThrow().seed()).isEqualTo(7);
            assertThat(record.settings().orElseThrow().temperature()).isEqualTo(0.5);
            AuditRecord.Timing timing = record.timing();
            assertThat(timing.queue().orElseThrow())
                    .isBetween(0.0, timing.firstToken().orElseThrow());
            assertThat(timing.total())
                    .isGreaterThanOrEqualTo(timing.firstToken().orElseThrow());
            ModelVersion version =
                    ModelVersion.of(TestServer.MODEL, server.engine().checkpoint());
            assertThat(record.model()).isEqualTo(version);
            assertThat(version.version()).matches("[0-9a-f]{64}").isNotEqualTo(version.router());
        }
    }

    /// The engine has copies of the last tensors, so that their end, when it is cut off later, is missing to no
    /// other.
    @Test
    @EnabledOnOs(OS.LINUX)
    void aModelThatCannotBeReadAgainAnswersAndItsRecordsNameNoVersion() throws IOException {
        AuditOptions audit = toFile();
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("model"), TestServer.config(), 1);
        Engine engine = Engine.open(
                checkpoint,
                TestServer.TOKENIZER,
                EngineOptions.builder().threads(1).build());
        try (FileChannel file =
                FileChannel.open(checkpoint.path().resolve("model.safetensors"), StandardOpenOption.WRITE)) {
            file.truncate(file.size() - (1 << 14));
        }
        try (TestServer server = TestServer.of(engine, options -> options.audit(audit))) {
            server.post(COMPLETIONS, NINE_TOKENS).succeeds();
            assertThat(records(audit, 1).getFirst().model()).isEqualTo(new ModelVersion(TestServer.MODEL, "", ""));
        }
    }

    @Test
    void streamsRefusalsAndFailuresLeaveOneToo() {
        AuditOptions audit = toFile();
        try (TestServer server = server(audit)) {
            assertThat(server.post(COMPLETIONS, NINE_TOKENS.replace("{", "{\"stream\":true,\"n\":2,"))
                            .status())
                    .isEqualTo(200);
            server.post(COMPLETIONS, "{\"n\":0}");
            server.post("/v1/chat/completions", "no JSON");
            server.get("/v1/models").succeeds();
            List<AuditRecord> records = records(audit, 3);
            assertThat(records).extracting(AuditRecord::status).containsExactly(400, 400, 200);
            assertThat(records.get(1).error()).contains("invalid_request_error");
            assertThat(records.get(1).settings()).isEmpty();
            assertThat(records.get(2).spending().orElseThrow().completionTokens())
                    .isEqualTo(18);
            assertThat(records.get(2).settings().orElseThrow().stream()).isTrue();
        }
    }

    @Test
    void aClientThatLeavesIsRecordedWithWhatItHadCost() throws IOException {
        AuditOptions audit = toFile();
        try (TestServer server = server(audit)) {
            try (InputStream stream = server.open(
                            COMPLETIONS, "{\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":60000,\"stream\":true}")
                    .body()) {
                stream.readNBytes(2000);
            }
            AuditRecord record = records(audit, 1).getFirst();
            assertThat(record.status()).isEqualTo(499);
            assertThat(record.error()).contains("client_gone");
            assertThat(record.finishReason()).contains("cancelled");
            assertThat(record.spending().orElseThrow().completionTokens()).isBetween(2L, 59_999L);
            assertThat(record.spending().orElseThrow().flops()).isPositive();
        }
    }

    @Test
    void whatWasSaidIsKeptOnlyWhereThatIsSwitchedOn() {
        AuditOptions audit = toFile().withTexts(true);
        try (TestServer server = server(audit)) {
            String whole = server.post(COMPLETIONS, NINE_TOKENS)
                    .succeeds()
                    .get("choices")
                    .get(0)
                    .get("text")
                    .stringValue();
            server.post(COMPLETIONS, NINE_TOKENS.replace("{", "{\"stream\":true,"));
            for (AuditRecord record : records(audit, 2)) {
                assertThat(record.texts()).hasSize(1);
                assertThat(record.texts().getFirst().prompt()).isEqualTo("the sea");
                assertThat(record.texts().getFirst().answer()).isEqualTo(whole);
                long tokens = record.spending().orElseThrow().tokensAtDepth().stream()
                        .mapToLong(Long::longValue)
                        .sum();
                assertThat(record.texts().getFirst().depths()).hasSize((int) tokens);
            }
        }
    }

    /// A client that disconnects after all pieces but the last has read an answer.
    @Test
    void whatWasSaidToAClientThatLeftIsKeptToo() throws IOException {
        AuditOptions audit = toFile().withTexts(true);
        try (TestServer server = server(audit)) {
            StringBuilder read = new StringBuilder();
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                    server.open(
                                    COMPLETIONS,
                                    "{\"prompt\":\"the sea\",\"ignore_eos\":true,\"max_tokens\":60000,\"stream\":true}")
                            .body(),
                    StandardCharsets.UTF_8))) {
                while (read.length() < 50) {
                    String line = lines.readLine();
                    if (line.startsWith("data: ")) {
                        read.append(TestServer.parse(line.substring("data: ".length()))
                                .at("/choices/0/text")
                                .stringValue(""));
                    }
                }
            }
            AuditRecord record = records(audit, 1).getFirst();
            assertThat(record.status()).isEqualTo(499);
            assertThat(record.texts()).hasSize(1);
            assertThat(record.texts().getFirst().prompt()).isEqualTo("the sea");
            assertThat(record.texts().getFirst().answer())
                    .as("a database holds no character 0")
                    .startsWith(read.toString().replace('\0', '\uFFFD'));
        }
    }

    @Test
    void anInspectionIsKeptAsAnAnswerIs() {
        AuditOptions audit = toFile().withTexts(true);
        try (TestServer server = server(audit)) {
            JsonNode report = server.post(
                            "/inspect",
                            "{\"prompt\":\"the sea\",\"max_tokens\":5,\"ignore_eos\":true,\"temperature\":0.5,\"seed\":7}")
                    .succeeds();
            AuditRecord record = records(audit, 1).getFirst();
            assertThat(record.settings().orElseThrow().maxTokens()).isEqualTo(5);
            AuditedText text = record.texts().getFirst();
            assertThat(text.prompt()).isEqualTo("the sea");
            assertThat(text.answer()).isNotEmpty();
            assertThat(text.depths()).hasSize(report.get("tokens").size());
        }
    }

    /// A server that does not wait for running answers cuts them off, and still writes their records.
    @Test
    void answersThatAreCutOffByTheEndLeaveTheirRecords() throws Exception {
        AuditOptions audit = toFile();
        int clients = 12;
        List<HttpResponse<InputStream>> open = new ArrayList<>();
        try (TestServer server = server(audit, options -> options.drainTime(Duration.ZERO))) {
            for (int client = 0; client < clients; client++) {
                open.add(server.open(
                        COMPLETIONS, "{\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":60000,\"stream\":true}"));
            }
        }
        for (HttpResponse<InputStream> stream : open) {
            stream.body().close();
        }
        assertThat(records(audit, clients))
                .allSatisfy(record -> assertThat(record.spending()).isPresent());
    }

    @Test
    void recordsNameWhoseKeyItWas() throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("k1".getBytes(StandardCharsets.UTF_8));
        ApiKeys keys = ApiKeys.parse(List.of("whalers " + HexFormat.of().formatHex(hash)), "keys");
        AuditOptions audit = toFile();
        try (TestServer server = server(audit, options -> options.apiKeys(keys))) {
            server.post(COMPLETIONS, NINE_TOKENS, "Authorization", "Bearer k1").succeeds();
            server.post(COMPLETIONS, NINE_TOKENS, "Authorization", "Bearer k2")
                    .isError(401, "authentication_error", "API key");
            assertThat(records(audit, 1).getFirst().subject()).contains("whalers");
        }
    }

    private static void ask(TestServer server, String name) {
        server.post(COMPLETIONS, NINE_TOKENS, "X-Request-Id", name).succeeds();
    }

    private static Stream<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i);
    }

    @Test
    void aDatabaseThatIsGoneHoldsNothingUpAndGetsAllWhenItIsBack() throws Exception {
        Path data = folder.resolve("postgres");
        EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
        int port = postgres.getPort();
        AuditOptions audit = AuditOptions.of(AuditLocation.parse(postgres.getJdbcUrl("postgres", "postgres")))
                .withSpool(folder.resolve("spool"), AuditOptions.MIN_SPOOL_BYTES);
        try (TestServer server = server(audit)) {
            ask(server, "first");
            records(audit, 1);
            // It goes in the middle of the work: some records are on their way to it, and some come when it is gone.
            Thread asks = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 100; i++) {
                    ask(server, "meanwhile-" + i);
                }
            });
            TestServer.await(() -> read(audit).size() > 10);
            postgres.close();
            asks.join();
            for (int i = 0; i < 50; i++) {
                ask(server, "gone-" + i);
            }
            TestServer.await(() -> metric(server, "saiki_audit_database_up") == 0);
            assertThat(metric(server, "saiki_audit_spool_bytes")).isGreaterThan(50 * 500);
            try (EmbeddedPostgres _ = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .start()) {
                TestServer.await(() -> metric(server, "saiki_audit_spool_bytes") == 0);
                ask(server, "back");
                TestServer.await(() -> read(audit).stream()
                        .anyMatch(record -> record.requestId().equals("back")));
                List<String> asked = Stream.of(Stream.of("first", "back"), names("meanwhile-", 100), names("gone-", 50))
                        .flatMap(names -> names)
                        .toList();
                assertThat(read(audit)).extracting(AuditRecord::requestId).containsExactlyInAnyOrderElementsOf(asked);
                assertThat(metric(server, "saiki_audit_records_dropped_total")).isZero();
            }
        }
    }

    @Test
    void aFullSpoolLosesRecordsAndSaysSoOrRefusesWhereRecordsAreRequired() throws Exception {
        AuditOptions gone = new AuditOptions(
                AuditLocation.parse("jdbc:postgresql://127.0.0.1:1/nowhere"),
                folder.resolve("spool"),
                AuditOptions.MIN_SPOOL_BYTES,
                false,
                true,
                Optional.empty());
        try (TestServer server = server(gone)) {
            for (int i = 0; i < 6; i++) {
                server.post(COMPLETIONS, MUCH_TEXT).succeeds();
            }
            assertThat(metric(server, "saiki_audit_records_dropped_total")).isPositive();
            assertThat(metric(server, "saiki_audit_spool_bytes")).isLessThanOrEqualTo(AuditOptions.MIN_SPOOL_BYTES);
        }
        try (TestServer server = server(gone.withRequired(true))) {
            TestServer.Answer refused = server.post(COMPLETIONS, MUCH_TEXT);
            refused.isError(503, "unavailable_error", "record");
            assertThat(refused.raw().headers().firstValue("Retry-After")).contains("5");
            server.get("/v1/models").succeeds();
        }
    }

    @Test
    void aDiskThatIsFullRefusesWhereRecordsAreRequiredUntilItHasRoom() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        assumeTrue(runs("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk.toString()), "may not mount");
        try {
            Path filler = Files.write(disk.resolve("filler"), new byte[300_000]);
            AuditOptions audit = toFile().withSpool(disk.resolve("spool"), AuditOptions.MIN_SPOOL_BYTES)
                    .withRequired(true)
                    .withTexts(true);
            try (TestServer server = server(audit);
                    Connection writer = audit.database().connect()) {
                server.post(COMPLETIONS, NINE_TOKENS).succeeds();
                records(audit, 1);
                // Nothing leaves the spool while another writer holds the database.
                writer.setAutoCommit(false);
                writer.createStatement().executeUpdate("UPDATE audit_record SET status = 200");
                String stream = MUCH_TEXT.replaceFirst("\\{", "{\"stream\":true,");
                assertThat(server.post(COMPLETIONS, stream).raw().body())
                        .contains("audit_unavailable")
                        .doesNotContain("[DONE]");
                server.post(COMPLETIONS, NINE_TOKENS).isError(503, "unavailable_error", "record");
                Files.delete(filler);
                writer.rollback();
                writer.setAutoCommit(true);
                TestServer.await(() -> server.post(COMPLETIONS, NINE_TOKENS).status() == 200);
                TestServer.await(() -> metric(server, "saiki_audit_spool_bytes") == 0);
                assertThat(metric(server, "saiki_audit_records_dropped_total")).isPositive();
            }
            // The answered requests, and no others.
            assertThat(read(audit)).extracting(AuditRecord::status).containsExactly(200, 200);
        } finally {
            assertThat(runs("umount", disk.toString())).isTrue();
        }
    }

    private static boolean runs(String... command) throws IOException, InterruptedException {
        return TestProcess.run(Duration.ofSeconds(10), List.of(command)).exitCode() == 0;
    }

    @Test
    void whatWaitsWhenTheServerEndsIsThereForTheNext() throws Exception {
        AuditOptions gone = AuditOptions.of(AuditLocation.parse("jdbc:postgresql://127.0.0.1:1/nowhere"))
                .withSpool(folder.resolve("spool"), AuditOptions.MIN_SPOOL_BYTES);
        try (TestServer server = server(gone)) {
            server.post(COMPLETIONS, NINE_TOKENS).succeeds();
        }
        AuditOptions audit = toFile().withSpool(gone.spool(), gone.spoolBytes());
        try (TestServer server = server(audit)) {
            server.post(COMPLETIONS, NINE_TOKENS).succeeds();
            records(audit, 2);
        }
        try (Stream<Path> files = Files.list(gone.spool())) {
            assertThat(files.filter(file -> file.toString().endsWith(".records"))
                            .toList())
                    .allSatisfy(file -> assertThat(Files.size(file)).isZero());
        }
    }
}
