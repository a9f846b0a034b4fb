package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A PostgreSQL that is slow, locked, or unavailable for long: requests are answered, their records wait in the
/// spool, and finally all of them are in the database, in order.
class DatabaseAwayTest {

    private static final String COMPLETIONS = "/v1/completions";

    /// As long as unplanned operations take.
    private static final Duration AWAY = Duration.ofMinutes(1);

    /// An answer of a few tokens takes this long only if something blocks it, however busy the machine is.
    private static final Duration LATE = Duration.ofSeconds(15);

    /// Longer than the audit's connection waits for an answer.
    private static final Duration LOCKED = Duration.ofSeconds(40);

    private static final int CLIENTS = 4;
    private static final long SPOOL_BYTES = 64L << 20;

    @TempDir
    private Path folder;

    private EmbeddedPostgres postgres;
    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        postgres = begin(0);
        AuditOptions audit = AuditOptions.of(AuditLocation.parse(postgres.getJdbcUrl("postgres", "postgres")))
                .withSpool(folder.resolve("spool"), SPOOL_BYTES);
        server = TestServer.in(folder, EngineOptions.builder().threads(1).build(), options -> options.audit(audit));
        ask("first");
        TestServer.await(() -> stored() == 1);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        postgres.close();
    }

    /// Starts PostgreSQL with the existing data.
    private EmbeddedPostgres begin(int port) throws Exception {
        return EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    private void ask(String name) {
        server.post(COMPLETIONS, "{\"prompt\":\"the sea\",\"max_tokens\":3}", "X-Request-Id", name)
                .succeeds();
    }

    private List<String> askMany(String prefix, int count) {
        List<String> names = IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
        names.forEach(this::ask);
        return names;
    }

    private double metric(String name) {
        return server.series().entrySet().stream()
                .filter(series -> series.getKey().startsWith(name + "{")
                        || series.getKey().equals(name))
                .mapToDouble(series -> series.getValue())
                .sum();
    }

    private double stored() {
        return metric("saiki_audit_records_stored_total");
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /// The names of all requests that the database has, in the order in which they came to it: rows of a
    /// table that nobody changes lie in that order.
    private List<String> inOrderOfArrival() throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT request_id FROM audit_record ORDER BY ctid")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private void areAllThere(List<String> names) throws SQLException {
        TestServer.await(() -> metric("saiki_audit_spool_bytes") == 0);
        List<String> expected = new ArrayList<>(List.of("first"));
        expected.addAll(names);
        assertThat(inOrderOfArrival()).isEqualTo(expected);
        assertThat(metric("saiki_audit_records_dropped_total")).isZero();
    }

    @Test
    void aDatabaseThatIsSlowHoldsNothingUpAndGetsAllInOrder() throws Exception {
        execute(
                "CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END'",
                "CREATE TRIGGER slow BEFORE INSERT ON audit_record FOR EACH ROW EXECUTE FUNCTION be_slow()");
        List<String> names = askMany("slow-", 60);
        areAllThere(names);
    }

    /// The lock is released only after all answers, so a request that waited for it would wait forever.
    @Test
    void aTableThatIsLockedHoldsNothingUpAndGetsAllInOrder() throws Exception {
        List<String> names;
        try (Connection holder = postgres.getPostgresDatabase().getConnection();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE audit_record IN ACCESS EXCLUSIVE MODE");
            names = askMany("locked-", 100);
            assertThat(stored()).isOne();
            assertThat(metric("saiki_audit_spool_bytes")).isGreaterThan(100 * 300);
            holder.rollback();
        }
        areAllThere(names);
    }

    @Test
    @Tag("slow")
    void aTableThatIsLockedForLongerThanAnyoneWaitsGetsNothingTwice() throws Exception {
        List<String> names = new ArrayList<>();
        try (Connection holder = postgres.getPostgresDatabase().getConnection();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE audit_record IN ACCESS EXCLUSIVE MODE");
            long end = System.nanoTime() + LOCKED.toNanos();
            for (int round = 0; System.nanoTime() < end; round++) {
                names.addAll(askMany("round-" + round + "-", 20));
                Thread.sleep(500);
            }
            TestServer.await(() -> metric("saiki_audit_database_up") == 0);
            holder.rollback();
        }
        areAllThere(names);
    }

    @Test
    @Tag("slow")
    void aDatabaseThatIsGoneForAMinuteUnderLoadGetsEveryRecordWhenItIsBack() throws Exception {
        int port = postgres.getPort();
        Set<String> asked = ConcurrentHashMap.newKeySet();
        AtomicInteger late = new AtomicInteger();
        postgres.close();
        long end = System.nanoTime() + AWAY.toNanos();
        List<Thread> clients = IntStream.range(0, CLIENTS)
                .mapToObj(client -> Thread.ofPlatform().start(() -> askUntil(end, client, asked, late)))
                .toList();
        for (Thread client : clients) {
            client.join();
        }
        assertThat(metric("saiki_audit_database_up")).isZero();
        assertThat(stored()).isOne();
        postgres = begin(port);
        TestServer.await(() -> metric("saiki_audit_spool_bytes") == 0);
        assertThat(asked).hasSizeGreaterThan(500);
        assertThat(late).hasValue(0);
        asked.add("first");
        assertThat(inOrderOfArrival()).containsExactlyInAnyOrderElementsOf(asked);
        assertThat(metric("saiki_audit_records_dropped_total")).isZero();
    }

    private void askUntil(long end, int client, Set<String> asked, AtomicInteger late) {
        for (int i = 0; System.nanoTime() < end; i++) {
            String name = "client-" + client + "-" + i;
            long start = System.nanoTime();
            ask(name);
            if (System.nanoTime() - start > LATE.toNanos()) {
                late.incrementAndGet();
            }
            asked.add(name);
        }
    }
}
