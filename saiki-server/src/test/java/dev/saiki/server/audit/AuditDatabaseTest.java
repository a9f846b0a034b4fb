package dev.saiki.server.audit;

import static dev.saiki.server.audit.Records.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same tests with a SQLite file and with a PostgreSQL server.
class AuditDatabaseTest {

    abstract static class AnyDatabase {

        private AuditLocation location;
        private AuditDatabase database;

        abstract AuditLocation freshLocation() throws Exception;

        @BeforeEach
        void open() throws Exception {
            location = freshLocation();
            location.requirePossible(true);
            database = AuditDatabase.open(location);
        }

        @AfterEach
        void close() throws SQLException {
            database.close();
        }

        private List<String> ids(AuditFilter filter) throws SQLException {
            return database.find(filter).stream().map(AuditRecord::id).toList();
        }

        @Test
        void aRecordComesBackAsItWasStored() throws SQLException {
            AuditRecord full = Records.of(
                    "a",
                    "team",
                    NOON,
                    200,
                    List.of(
                            new AuditedText("the \u9be8 \uD83D\uDC33", "and\nthe sea", List.of(1, 3, 2)),
                            new AuditedText("", "a null \0 and a 'quote'; DROP TABLE audit_record", List.of())));
            AuditRecord refused = Records.refused("b", NOON.minusSeconds(1));
            database.store(List.of(full, refused));
            assertThat(database.find(AuditFilter.ALL)).containsExactly(full, refused);
        }

        @Test
        void aRecordThatComesTwiceIsThereOnce() throws SQLException {
            AuditRecord first = Records.of("a", "team", NOON);
            database.store(List.of(first, first));
            database.store(List.of(first, Records.of("b", "team", NOON.plusSeconds(1))));
            assertThat(ids(AuditFilter.ALL)).containsExactly("b", "a");
        }

        @Test
        void pagesFollowEachOtherWithoutGapOrRepetitionEvenAtOneTime() throws SQLException {
            database.store(IntStream.range(0, 25)
                    .mapToObj(i -> Records.of("r%02d".formatted(i), "team", NOON.plusSeconds(i / 5)))
                    .toList());
            List<String> first = ids(AuditFilter.ALL.page(Optional.empty(), 7));
            List<String> second = ids(AuditFilter.ALL.page(Optional.of(first.getLast()), 7));
            List<String> rest = ids(AuditFilter.ALL.page(Optional.of(second.getLast()), 100));
            assertThat(first).hasSize(7).startsWith("r24");
            assertThat(rest).hasSize(11).endsWith("r00");
            assertThat(IntStream.range(0, 25).mapToObj("r%02d"::formatted).toList())
                    .hasSameElementsAs(java.util.stream.Stream.of(first, second, rest)
                            .flatMap(List::stream)
                            .toList());
            assertThat(ids(AuditFilter.ALL.page(Optional.of("absent"), 7))).isEmpty();
        }

        @Test
        void filtersNarrowByTimeSubjectModelAndStatus() throws SQLException {
            database.store(List.of(
                    Records.of("a", "one", NOON),
                    Records.of("b", "two", NOON.plusSeconds(60)),
                    Records.of("c", "one", NOON.plusSeconds(120), 504, List.of()),
                    Records.refused("d", NOON.plusSeconds(180))));
            AuditFilter all = AuditFilter.ALL;
            assertThat(ids(all.of(Optional.of("one")))).containsExactly("c", "a");
            assertThat(ids(all.between(Optional.of(NOON.plusSeconds(60)), Optional.of(NOON.plusSeconds(180)))))
                    .containsExactly("c", "b");
            assertThat(ids(all.answered(Optional.of("tiny"), Optional.of(504)))).containsExactly("c");
            assertThat(ids(all.answered(Optional.of("other"), Optional.empty())))
                    .isEmpty();
            assertThat(ids(all.of(Optional.of("one' OR '1'='1")))).isEmpty();
        }

        @Test
        void aSummarySumsUpByDayAndSubject() throws SQLException {
            database.store(List.of(
                    Records.of("a", "one", NOON),
                    Records.of("b", "one", NOON.plusSeconds(1), 504, List.of()),
                    Records.of("c", "two", NOON),
                    Records.refused("d", NOON.plus(Duration.ofDays(1)))));
            LocalDate day = LocalDate.of(2026, 3, 4);
            assertThat(database.summary(AuditFilter.ALL))
                    .containsExactly(
                            new AuditSummary(day.plusDays(1), Optional.empty(), 1, 1, 0, 0, Optional.empty(), 0, 0),
                            new AuditSummary(day, Optional.of("one"), 2, 1, 20, 14, Optional.of(24 / 15.0), 8e12, 2e12),
                            new AuditSummary(day, Optional.of("two"), 1, 0, 10, 7, Optional.of(24 / 15.0), 4e12, 1e12));
            assertThat(database.summary(AuditFilter.ALL.of(Optional.of("two")))).hasSize(1);
        }

        @Test
        void whatIsOldIsDeletedWithItsTexts() throws SQLException {
            List<AuditedText> texts = List.of(new AuditedText("secret", "words", List.of(1)));
            database.store(List.of(
                    Records.of("a", "one", NOON, 200, texts), Records.of("b", "one", NOON.plusSeconds(1), 200, texts)));
            assertThat(database.deleteBefore(NOON.plusSeconds(1))).isOne();
            assertThat(database.find(AuditFilter.ALL))
                    .containsExactly(Records.of("b", "one", NOON.plusSeconds(1), 200, texts));
            assertThat(count("SELECT COUNT(*) FROM audit_text")).isOne();
        }

        @Test
        void allThatIsOldIsDeletedHoweverManyPiecesThatTakes() throws SQLException {
            int old = 2 * AuditDatabase.DELETED_TOGETHER;
            database.store(IntStream.rangeClosed(0, old)
                    .mapToObj(i -> Records.of("r" + i, "team", NOON.plusSeconds(i), 200, List.of()))
                    .toList());
            assertThat(database.deleteBefore(NOON.plusSeconds(old))).isEqualTo(old);
            assertThat(ids(AuditFilter.ALL)).containsExactly("r" + old);
            assertThat(database.deleteBefore(NOON.plusSeconds(old))).isZero();
        }

        @Test
        void whatIsOldGoesInPiecesTheOldestFirst() throws SQLException {
            List<AuditedText> texts = List.of(new AuditedText("secret", "words", List.of(1)));
            database.store(IntStream.range(0, 25)
                    .mapToObj(i -> Records.of("r%02d".formatted(i), "team", NOON.plusSeconds(i), 200, texts))
                    .toList());
            Instant time = NOON.plusSeconds(20);
            assertThat(database.deleteBefore(time, 8)).isEqualTo(8);
            assertThat(ids(AuditFilter.ALL)).hasSize(17).last().isEqualTo("r08");
            assertThat(count("SELECT COUNT(*) FROM audit_text")).isEqualTo(17);
            assertThat(database.deleteBefore(time, 8)).isEqualTo(8);
            assertThat(database.deleteBefore(time, 8)).isEqualTo(4);
            assertThat(database.deleteBefore(time, 8)).isZero();
            assertThat(ids(AuditFilter.ALL)).containsExactly("r24", "r23", "r22", "r21", "r20");
            assertThat(count("SELECT COUNT(*) FROM audit_text")).isEqualTo(5);
        }

        @Test
        void aSubjectThatIsRemovedLeavesNothingAndComesBackFromNoSpool() throws SQLException {
            AuditRecord late = Records.of("late", "one", Instant.now().minusSeconds(5));
            database.store(List.of(
                    Records.of("a", "one", NOON, 200, List.of(new AuditedText("secret", "words", List.of(1)))),
                    Records.of("b", "two", NOON)));
            assertThat(database.erase("one", Erasure.REMOVE)).isOne();
            database.store(List.of(late, Records.of("new", "one", Instant.now().plusSeconds(5))));
            assertThat(ids(AuditFilter.ALL)).containsExactly("new", "b");
            assertThat(count("SELECT COUNT(*) FROM audit_text")).isZero();
            assertThat(database.erase("nobody", Erasure.REMOVE)).isZero();
        }

        @Test
        void aSubjectThatIsAnonymisedIsCountedButNotNamed() throws SQLException {
            AuditRecord late = Records.of("late", "one", Instant.now().minusSeconds(5));
            AuditRecord said =
                    Records.of("a", "one", NOON, 200, List.of(new AuditedText("secret", "words", List.of(1))));
            database.store(List.of(said, Records.of("b", "two", NOON)));
            assertThat(database.erase("one", Erasure.ANONYMISE)).isOne();
            database.store(List.of(late));
            assertThat(database.find(AuditFilter.ALL))
                    .containsExactly(late.anonymous(), Records.of("b", "two", NOON), said.anonymous());
            assertThat(count("SELECT COUNT(*) FROM audit_text")).isZero();
        }

        @Test
        void manyThatOpenAtTheSameTimeMakeOneSchema() throws Exception {
            AuditLocation fresh = freshLocation();
            fresh.requirePossible(true);
            try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
                List<Future<Boolean>> opened = IntStream.range(0, 6)
                        .mapToObj(i -> threads.submit(() -> {
                            try (AuditDatabase own = AuditDatabase.open(fresh)) {
                                own.store(List.of(Records.of("r" + i, "team", NOON)));
                                return true;
                            }
                        }))
                        .toList();
                for (Future<Boolean> each : opened) {
                    assertThat(each.get()).isTrue();
                }
            }
            try (AuditDatabase all = AuditDatabase.open(fresh)) {
                assertThat(all.find(AuditFilter.ALL)).hasSize(6);
            }
        }

        @Test
        void whoOnlyReadsWaitsForNobodyWhoWrites() throws SQLException {
            database.store(List.of(Records.of("a", "team", NOON)));
            try (Connection writer = location.connect();
                    Statement statement = writer.createStatement()) {
                writer.setAutoCommit(false);
                if (!location.schemaLock().isEmpty()) {
                    statement.execute(location.schemaLock());
                }
                statement.executeUpdate("UPDATE audit_record SET status = 500");
                try (AuditDatabase reader = AuditDatabase.open(location)) {
                    assertThat(reader.find(AuditFilter.ALL)).containsExactly(Records.of("a", "team", NOON));
                }
                writer.rollback();
            }
        }

        @Test
        void aNewerSchemaIsLeftAlone() throws SQLException {
            try (Connection connection = location.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO audit_schema (version) VALUES (99)");
            }
            assertThatThrownBy(() -> AuditDatabase.open(location))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("version 99");
        }

        AuditLocation location() {
            return location;
        }

        AuditDatabase database() {
            return database;
        }

        long count(String query) throws SQLException {
            try (Connection connection = location.connect();
                    Statement statement = connection.createStatement();
                    java.sql.ResultSet rows = statement.executeQuery(query)) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    @Nested
    class OverSqlite extends AnyDatabase {

        @TempDir
        private Path folder;

        private int made;

        @Override
        AuditLocation freshLocation() {
            made++;
            return AuditLocation.parse(folder.resolve("audit-" + made + ".db").toString());
        }

        @Test
        void theFileIsForItsOwnerOnly() throws IOException {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("audit-1.db"))))
                    .isEqualTo("rw-------");
        }
    }

    @Nested
    class OverPostgres extends AnyDatabase {

        private static EmbeddedPostgres server;
        private static int made;

        @BeforeAll
        static void start() throws IOException {
            server = EmbeddedPostgres.start();
        }

        @AfterAll
        static void stop() throws IOException {
            server.close();
        }

        @Override
        AuditLocation freshLocation() throws SQLException {
            made++;
            String name = "audit" + made;
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            }
            return AuditLocation.parse(server.getJdbcUrl("postgres", name));
        }

        @Test
        void aSubjectIsErasedFromWhatIsJustBeingStoredToo() throws Exception {
            try (Connection connection = location().connect();
                    Statement statement = connection.createStatement();
                    ExecutorService mover = Executors.newSingleThreadExecutor()) {
                statement.execute("CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN PERFORM pg_sleep(2); RETURN NEW; END'");
                statement.execute("CREATE TRIGGER slow BEFORE INSERT ON audit_record"
                        + " FOR EACH ROW EXECUTE FUNCTION be_slow()");
                Future<?> stored = mover.submit(() -> {
                    try (AuditDatabase own = AuditDatabase.open(location())) {
                        own.store(List.of(Records.of("a", "one", NOON)));
                        return true;
                    }
                });
                while (count("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 0) {
                    assertThat(stored.isDone()).isFalse();
                }
                database().erase("one", Erasure.REMOVE);
                stored.get();
                assertThat(database().find(AuditFilter.ALL)).isEmpty();
            }
        }
    }

    @Test
    void placesThatAreNoneAreNamedWithoutTheirPasswords() {
        assertThatThrownBy(() -> AuditLocation.parse("jdbc:mysql://host/db?password=hunter2"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("jdbc:postgresql:")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> AuditLocation.parse("postgresql://me:hunter2@host/db"))
                .isInstanceOf(InputException.class)
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> AuditLocation.parse(" ")).isInstanceOf(InputException.class);
        assertThat(AuditLocation.parse("jdbc:postgresql://host/db?user=me&password=hunter2"))
                .hasToString("jdbc:postgresql://host/db");
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs(@TempDir Path other) throws IOException {
        Path notes = other.resolve("notes.txt");
        Files.writeString(notes, "not a database");
        assertThatThrownBy(() -> new AuditLocation.SqliteFile(notes).requirePossible(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("notes.txt: is not a SQLite audit database");
        assertThat(notes).hasContent("not a database");
    }
}
