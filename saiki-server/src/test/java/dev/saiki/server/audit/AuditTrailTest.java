package dev.saiki.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The threads between disk and database.
class AuditTrailTest {

    /// Nothing listens there, so that Java asks the next driver.
    private static final String NOWHERE = AuditLocation.POSTGRES_PREFIX + "//127.0.0.1:1/nowhere";

    @TempDir
    private Path folder;

    /// A driver that runs out of memory at every attempt to connect.
    private static final class FailingDriver implements Driver {
        private final AtomicInteger tries = new AtomicInteger();

        @Override
        public @Nullable Connection connect(String url, Properties properties) {
            if (!acceptsURL(url)) {
                return null;
            }
            tries.incrementAndGet();
            throw new OutOfMemoryError("of a test");
        }

        @Override
        public boolean acceptsURL(String url) {
            return url.equals(NOWHERE);
        }

        @Override
        public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
            return new DriverPropertyInfo[0];
        }

        @Override
        public int getMajorVersion() {
            return 1;
        }

        @Override
        public int getMinorVersion() {
            return 0;
        }

        @Override
        public boolean jdbcCompliant() {
            return false;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }
    }

    @Test
    void questionsKeepNoVirtualThreadBusy() throws Exception {
        AuditOptions options =
                AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
        try (AuditTrail trail = AuditTrail.open(options);
                ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> onVirtual =
                    requests.submit(() -> trail.run(_ -> Thread.currentThread().isVirtual()));
            assertThat(onVirtual.get()).isFalse();
        }
    }

    @Test
    void aQuestionThatFailsSaysWhyToWhoAsked() throws Exception {
        AuditOptions options =
                AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
        SQLException failure = new SQLException("of a test");
        try (AuditTrail trail = AuditTrail.open(options)) {
            assertThatThrownBy(() -> trail.run(_ -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
        }
    }

    @Test
    void anErrorDoesNotEndTheWayIntoTheDatabase() throws Exception {
        FailingDriver driver = new FailingDriver();
        DriverManager.registerDriver(driver);
        AuditOptions options = AuditOptions.of(AuditLocation.parse(NOWHERE))
                .withSpool(folder.resolve("spool"), AuditOptions.MIN_SPOOL_BYTES);
        try (AuditTrail _ = AuditTrail.open(options)) {
            long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (driver.tries.get() < 2) {
                assertThat(System.nanoTime()).as("tried again in time").isLessThan(deadline);
                LockSupport.parkNanos(5_000_000);
            }
        } finally {
            DriverManager.deregisterDriver(driver);
        }
    }
}
