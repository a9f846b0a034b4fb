package dev.saiki.server.access;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.saiki.server.settings.SharedLimits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.distributed.jdbc.PrimaryKeyMapper;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.postgresql.Bucket4jPostgreSQL;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Rate-limit buckets that several servers share in a PostgreSQL table; each bucket is updated under a row
/// lock.
///
/// While the database cannot be reached, this server uses local buckets, which start full, and tries to reconnect
/// every few seconds. A loose limit for a while is better than refusing every request.
public final class SharedBuckets implements BucketSource {

    private static final Logger LOG = LoggerFactory.getLogger(SharedBuckets.class);

    private static final String TABLE = "saiki_rate_limits";

    /// Serializes the creation of the table by several servers.
    private static final String LOCK = "SELECT pg_advisory_xact_lock(5321006)";

    private static final int MAX_CONNECTIONS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final SharedLimits limits;
    private final HikariDataSource database;
    private final ProxyManager<String> proxies;
    private final OwnBuckets own = new OwnBuckets();
    private volatile boolean hasTable;
    private volatile boolean away;
    private volatile long awayUntil;

    /// Creates the buckets, which become shared as soon as the database can be reached.
    ///
    /// @param limits the database
    public SharedBuckets(SharedLimits limits) {
        this.limits = limits;
        HikariConfig settings = new HikariConfig();
        settings.setPoolName("saiki-limits");
        settings.setJdbcUrl(limits.url());
        settings.setMaximumPoolSize(MAX_CONNECTIONS);
        settings.setMinimumIdle(1);
        settings.setConnectionTimeout(PATIENCE.toMillis());
        settings.setInitializationFailTimeout(-1);
        settings.addDataSourceProperty("ApplicationName", "saiki limits");
        settings.addDataSourceProperty("connectTimeout", "1");
        settings.addDataSourceProperty("socketTimeout", "2");
        this.database = new HikariDataSource(settings);
        this.proxies = Bucket4jPostgreSQL.selectForUpdateBasedBuilder(database)
                .primaryKeyMapper(PrimaryKeyMapper.STRING)
                .table(TABLE)
                .build();
    }

    @Override
    public <T> T with(BucketId id, Function<Bucket, T> operation) {
        if (!away || System.nanoTime() - awayUntil >= 0) {
            try {
                makeTable();
                T done = operation.apply(proxies.getProxy(id.text(), id::configuration));
                if (away) {
                    away = false;
                    LOG.info("rate limits are shared again through {}", limits);
                }
                return done;
            } catch (SQLException | RuntimeException unreachable) {
                countAlone(unreachable);
            }
        }
        return own.with(id, operation);
    }

    private void countAlone(Exception unreachable) {
        awayUntil = System.nanoTime() + PAUSE.toNanos();
        if (!away) {
            away = true;
            LOG.error("{} cannot be reached; this server applies its rate limits alone", limits, unreachable);
        }
    }

    private void makeTable() throws SQLException {
        if (hasTable) {
            return;
        }
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(LOCK);
            statement.execute("CREATE TABLE IF NOT EXISTS " + TABLE
                    + " (id VARCHAR PRIMARY KEY, state BYTEA, expires_at BIGINT)");
            connection.commit();
        }
        hasTable = true;
    }

    @Override
    public boolean isShared() {
        return hasTable && !away;
    }

    @Override
    public void close() {
        database.close();
    }
}
