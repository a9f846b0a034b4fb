package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Which audit records a key sees over HTTP, with both databases.
class AuditTenancyTest {

    /// The tests for any database.
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class AnyDatabase {

        private TestServer server;

        abstract AuditLocation location(Path own);

        @BeforeAll
        void start(@TempDir Path folder) throws IOException {
            ApiKeys keys = ApiKeys.parse(
                    List.of(
                            line("ahab", "user"),
                            line("starbuck", "user"),
                            line("ishmael", "operator"),
                            line("queequeg", "operator"),
                            line("owners", "auditor")),
                    "keys");
            AuditOptions audit =
                    AuditOptions.of(location(folder)).withSpool(folder.resolve("spool"), AuditOptions.MIN_SPOOL_BYTES);
            server = TestServer.in(
                    folder,
                    EngineOptions.builder().threads(1).build(),
                    options -> options.apiKeys(keys).audit(audit));
        }

        @AfterAll
        void stop() throws IOException {
            server.close();
        }

        /// A line of the key file; the key is the name backwards.
        private static String line(String name, String role) {
            return name + " " + hash(key(name)) + " " + role;
        }

        private static String key(String name) {
            return new StringBuilder(name).reverse().toString();
        }

        private static String hash(String key) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        private TestServer.Answer get(String path, String name) {
            return server.get(path, "Authorization", "Bearer " + key(name));
        }

        private void ask(String name) {
            server.post(
                            "/v1/completions",
                            "{\"prompt\":\"a\",\"max_tokens\":2,\"ignore_eos\":true}",
                            "Authorization",
                            "Bearer " + key(name))
                    .succeeds();
        }

        /// The records that a key sees, once the expected number exists.
        private JsonNode records(String query, String name, int least) {
            TestServer.await(
                    () -> get("/v1/audit" + query, name).succeeds().get("data").size() >= least);
            return get("/v1/audit" + query, name).succeeds();
        }

        @Test
        void aUserSeesItsOwnRecordsAndAnAuditorAll() {
            ask("ahab");
            ask("ahab");
            ask("starbuck");
            for (JsonNode record : records("", "ahab", 2).get("data")) {
                assertThat(record.get("subject").stringValue()).isEqualTo("ahab");
            }
            assertThat(records("?subject=starbuck", "owners", 1).get("data")).isNotEmpty();
            assertThat(records("?subject=ahab&status=200", "owners", 2).get("data"))
                    .hasSizeGreaterThanOrEqualTo(2);
            String other =
                    records("?subject=starbuck", "owners", 1).get("first_id").stringValue();
            for (JsonNode record : records("?after=" + other, "ahab", 0).get("data")) {
                assertThat(record.get("subject").stringValue()).isEqualTo("ahab");
            }
            JsonNode summary = get("/v1/audit/summary", "ahab").succeeds().get("data");
            assertThat(summary).hasSize(1);
            assertThat(summary.get(0).get("subject").stringValue()).isEqualTo("ahab");
            assertThat(summary.get(0).get("completion_tokens").intValue()).isGreaterThanOrEqualTo(4);
        }

        @Test
        void whoeverIsNoAuditorCannotNameAnother() {
            for (String name : List.of("ahab", "ishmael")) {
                get("/v1/audit?subject=starbuck", name).isError(403, "permission_error", "auditors");
                get("/v1/audit/summary?subject=starbuck", name).isError(403, "permission_error", "auditors");
            }
        }

        @Test
        void aSubjectIsNoPieceOfSql() {
            for (String subject : List.of("ahab%27%20OR%20%271%27=%271", "%27;DROP%20TABLE%20audit_record;--", "%25")) {
                assertThat(get("/v1/audit?subject=" + subject, "owners")
                                .succeeds()
                                .get("data"))
                        .isEmpty();
            }
            ask("ahab");
            assertThat(records("?subject=ahab", "owners", 1).get("data")).isNotEmpty();
        }

        @Test
        void pagesOfRecordsFollowEachOther() {
            for (int i = 0; i < 5; i++) {
                ask("queequeg");
            }
            int all = records("", "queequeg", 5).get("data").size();
            List<String> ids = new ArrayList<>();
            String after = "";
            boolean more = true;
            while (more) {
                JsonNode page = get("/v1/audit?limit=2" + after, "queequeg").succeeds();
                page.get("data").forEach(record -> ids.add(record.get("id").stringValue()));
                more = page.get("has_more").booleanValue();
                after = "&after=" + page.get("last_id").stringValue();
            }
            assertThat(ids).hasSize(all).doesNotHaveDuplicates();
        }
    }

    @Nested
    class OverSqlite extends AnyDatabase {

        @Override
        AuditLocation location(Path own) {
            return AuditLocation.parse(own.resolve("audit.db").toString());
        }
    }

    @Nested
    class OverPostgres extends AnyDatabase {

        private EmbeddedPostgres postgres;

        @Override
        @BeforeAll
        void start(@TempDir Path folder) throws IOException {
            postgres = EmbeddedPostgres.start();
            super.start(folder);
        }

        @Override
        AuditLocation location(Path own) {
            return AuditLocation.parse(postgres.getJdbcUrl("postgres", "postgres"));
        }

        @Override
        @AfterAll
        void stop() throws IOException {
            super.stop();
            postgres.close();
        }
    }
}
