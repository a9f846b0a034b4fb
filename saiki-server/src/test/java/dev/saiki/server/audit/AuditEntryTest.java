package dev.saiki.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditEntryTest {

    @TempDir
    private Path folder;

    @Test
    void aRecordThatCouldNotBeBuiltIsKeptWhenItCanBe() throws Exception {
        AuditOptions options =
                AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
        AtomicBoolean fails = new AtomicBoolean(true);
        try (AuditTrail trail = AuditTrail.open(options)) {
            AuditEntry entry = new AuditEntry(
                    Optional.of(trail),
                    () -> {
                        if (fails.get()) {
                            throw new IllegalStateException("of a test");
                        }
                        return new ModelVersion("tiny", "", "");
                    },
                    "mine",
                    Optional.empty(),
                    "/v1/completions");
            assertThatThrownBy(() -> entry.keep(200)).hasMessage("of a test");
            fails.set(false);
            entry.keep(500);
            entry.keep(500);
        }
        try (AuditDatabase database = AuditDatabase.open(options.database())) {
            assertThat(database.find(AuditFilter.ALL))
                    .extracting(AuditRecord::status)
                    .containsExactly(500);
        }
    }
}
