package dev.saiki.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.server.access.BucketSource.BucketId;
import dev.saiki.server.settings.SharedLimits;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rate limits in a PostgreSQL that is available, and in one that is not.
class SharedBucketsTest {

    /// A limit so low that no token is refilled during a test.
    private static final BucketId SOME = new BucketId("ahab", "requests", 30);

    @TempDir
    private Path folder;

    private EmbeddedPostgres postgres;

    @BeforeEach
    void start() throws IOException {
        postgres = begin(0);
    }

    @AfterEach
    void end() throws IOException {
        postgres.close();
    }

    private EmbeddedPostgres begin(int port) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    private SharedBuckets open() {
        return new SharedBuckets(new SharedLimits(postgres.getJdbcUrl("postgres", "postgres")));
    }

    private static boolean takes(BucketSource buckets, BucketId id) {
        return buckets.with(id, bucket -> bucket.tryConsumeAndReturnRemaining(1))
                .isConsumed();
    }

    @Test
    void serversThatTakeAtTheSameTimeTakeTogetherWhatOneMay() throws Exception {
        int taken = 0;
        try (SharedBuckets one = open();
                SharedBuckets other = open();
                ExecutorService clients = Executors.newFixedThreadPool(6)) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                SharedBuckets server = i % 2 == 0 ? one : other;
                all.add(clients.submit(() -> takes(server, SOME)));
            }
            for (Future<Boolean> asked : all) {
                taken += asked.get() ? 1 : 0;
            }
            assertThat(one.isShared()).isTrue();
            assertThat(takes(one, new BucketId("ahab", "requests", 31)))
                    .as("with another bound")
                    .isTrue();
            assertThat(takes(other, new BucketId("starbuck", "requests", 30)))
                    .as("with another key")
                    .isTrue();
        }
        // Some tokens are refilled if the machine is busy.
        assertThat(taken).isBetween(30, 45);
        try (SharedBuckets later = open()) {
            long left = later.with(SOME, bucket -> bucket.getAvailableTokens());
            assertThat(left).as("after a restart").isLessThan(15);
        }
    }

    @Test
    @Tag("slow")
    void aServerCountsAloneWhileTheDatabaseIsGone() throws Exception {
        int port = postgres.getPort();
        try (SharedBuckets buckets = open()) {
            assertThat(takes(buckets, SOME)).isTrue();
            postgres.close();
            assertThat(takes(buckets, SOME)).isTrue();
            assertThat(buckets.isShared()).isFalse();
            postgres = begin(port);
            for (int look = 0; !buckets.isShared(); look++) {
                assertThat(look).isLessThan(600);
                assertThat(takes(buckets, new BucketId("ahab", "requests", 1_000_000)))
                        .isTrue();
                Thread.sleep(50);
            }
        }
    }

    @Test
    void anotherDatabaseIsRefusedWithoutItsPassword() {
        assertThatThrownBy(() -> new SharedLimits("jdbc:mysql://ahab:hunter2@host/limits?password=hunter2"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "--shared-limits: the database must be a URL such as jdbc:postgresql://HOST/DATABASE")
                .hasMessageNotContaining("hunter2");
    }
}
