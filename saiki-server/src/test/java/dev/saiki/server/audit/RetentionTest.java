package dev.saiki.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Records that exceed the retention time while a server runs.
class RetentionTest {

    private static final int OLD = 700;
    private static final int NEW = 40;

    @TempDir
    private Path folder;

    private AuditOptions options() {
        return AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
    }

    private static Instant daysAgo(int days) {
        return Instant.now().truncatedTo(ChronoUnit.MICROS).minus(Duration.ofDays(days));
    }

    private static Stream<AuditRecord> records(String prefix, int count, Instant time) {
        List<AuditedText> texts = List.of(new AuditedText("secret", "words", List.of(1)));
        return IntStream.range(0, count).mapToObj(i -> Records.of(prefix + i, "team", time.plusSeconds(i), 200, texts));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private void fill(AuditOptions options) throws SQLException {
        options.database().requirePossible(true);
        try (AuditDatabase database = AuditDatabase.open(options.database())) {
            database.store(Stream.concat(records("old-", OLD, daysAgo(31)), records("new-", NEW, daysAgo(29)))
                    .toList());
        }
    }

    private static List<AuditRecord> all(AuditOptions options) throws SQLException {
        try (AuditDatabase database = AuditDatabase.open(options.database())) {
            return database.find(AuditFilter.ALL.page(Optional.empty(), AuditFilter.MAX_LIMIT));
        }
    }

    @Test
    void theyAreDeletedWithTheirTextsWhileOthersAreKept() throws Exception {
        AuditOptions options = options().withRetention(Duration.ofDays(30));
        fill(options);
        try (AuditTrail trail = AuditTrail.open(options)) {
            trail.keep(Records.of("meanwhile", "team", daysAgo(0)));
            await(() -> trail.expired() == OLD && trail.stored() == 1);
            assertThat(trail.isDatabaseUp()).isTrue();
        }
        List<AuditRecord> left = all(options);
        assertThat(left).hasSize(NEW + 1).noneMatch(record -> record.id().startsWith("old-"));
        assertThat(left)
                .filteredOn(record -> record.id().startsWith("new-"))
                .allMatch(record -> record.texts().getFirst().prompt().equals("secret"));
    }

    @Test
    void withoutABoundNoneIs() throws Exception {
        AuditOptions options = options();
        fill(options);
        try (AuditTrail trail = AuditTrail.open(options)) {
            trail.keep(Records.of("meanwhile", "team", daysAgo(0)));
            await(() -> trail.stored() == 1);
            assertThat(trail.expired()).isZero();
        }
        assertThat(all(options)).hasSize(OLD + NEW + 1);
    }

    @Test
    void boundsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> options().withRetention(Duration.ofHours(23)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("from 1 to 36500 days");
        assertThatThrownBy(() -> options().withRetention(Duration.ofDays(36_501)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("got 36501");
    }
}
