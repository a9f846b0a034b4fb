package dev.saiki.server.audit;

import dev.saiki.http.ApiException;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The audit trail of a server: records are written to a spool on disk before a request is answered, and moved
/// from there to the database by a separate thread. Requests wait for the disk, never for the database.
public final class AuditTrail implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);

    /// The number of lost records for which one message is logged.
    private static final int LOGGED_OF_DROPPED = 1000;

    private static final int MAX_READERS = 4;
    private static final int BATCH_RECORDS = 512;
    private static final int BATCH_BYTES = 1 << 22;

    /// The free spool space in bytes needed to admit a request if records are required.
    private static final int MIN_ROOM = 1 << 16;

    /// The time for which records are collected, so that one commit stores many of them.
    private static final Duration GATHERING = Duration.ofMillis(50);

    private static final long NEVER = Long.MIN_VALUE;
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration MIN_RETRY = Duration.ofMillis(250);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);

    /// The interval between searches for expired records.
    private static final Duration AGE_INTERVAL = Duration.ofMinutes(1);

    /// How long shutdown waits for the database; the remaining records stay in the spool until the next start.
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final AuditOptions options;
    private final Spool spool;
    private final Thread mover;

    /// The platform threads that read from the database: its drivers block in native code, where a virtual thread
    /// would pin its carrier thread.
    private final ExecutorService readers = Executors.newFixedThreadPool(
            MAX_READERS,
            Thread.ofPlatform().name("saiki-audit-reader-", 0).daemon().factory());

    /// The time of the next attempt to write, after the disk has failed.
    private final AtomicLong nextProbe = new AtomicLong(NEVER);

    private final LongAdder stored = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private volatile boolean isDatabaseUp;
    private volatile boolean closing;
    private @Nullable AuditDatabase database;

    /// The time of the next search for expired records; used by the mover thread only.
    private long nextDeletion = System.nanoTime();

    private AuditTrail(AuditOptions options, Spool spool) {
        this.options = options;
        this.spool = spool;
        this.mover = Thread.ofPlatform().name("saiki-audit").daemon().unstarted(this::move);
    }

    /// Starts to store records, first those that an earlier run left in the spool. A database server need not
    /// be reachable yet.
    ///
    /// @param options the options of the audit
    /// @return the trail, to be closed
    /// @throws InputException if the spool is in use, or no connection to the database can ever succeed
    /// @throws IOException if the disk fails
    public static AuditTrail open(AuditOptions options) throws IOException {
        options.database().requirePossible(true);
        AuditTrail trail = new AuditTrail(options, Spool.open(options.spool(), options.spoolBytes()));
        trail.mover.start();
        return trail;
    }

    /// Moves all records in the spool into a database, for a server that no longer runs.
    ///
    /// @param options the audit options, with the spool and the database
    /// @param database the database
    /// @return the number of records moved
    /// @throws IOException if the disk fails
    /// @throws SQLException if the database fails
    public static long replay(AuditOptions options, AuditDatabase database) throws IOException, SQLException {
        try (Spool spool = Spool.open(options.spool(), options.spoolBytes())) {
            long count = 0;
            Spool.Batch batch = spool.read(BATCH_RECORDS, BATCH_BYTES);
            while (batch.moves()) {
                List<AuditRecord> records = records(batch);
                database.store(records);
                spool.take(batch);
                count += records.size();
                batch = spool.read(BATCH_RECORDS, BATCH_BYTES);
            }
            return count;
        }
    }

    /// Whether texts are stored.
    boolean keepsTexts() {
        return options.texts();
    }

    /// Refuses a request if records are required, but the disk does not accept writes or the spool has too
    /// little room.
    ///
    /// @throws ApiException with status 503
    public void requireRoom() {
        if (options.required() && !(isDiskWell() && spool.bytes() < options.spoolBytes() - MIN_ROOM)) {
            throw ApiException.unaudited();
        }
    }

    /// Whether the disk accepts writes. After a failure, one of the callers tests the disk again at intervals.
    private boolean isDiskWell() {
        long next = nextProbe.get();
        boolean due = next != NEVER && System.nanoTime() - next >= 0;
        if (due && nextProbe.compareAndSet(next, System.nanoTime() + PROBE_INTERVAL.toNanos())) {
            try {
                spool.probe();
                nextProbe.set(NEVER);
            } catch (IOException e) {
                LOG.debug("the audit spool still cannot be written", e);
            }
        }
        return nextProbe.get() == NEVER;
    }

    /// Stores a record; when the method returns, the record is on disk, or was dropped and counted.
    ///
    /// @throws ApiException with status 503 if the record could not be stored, and records are required
    void keep(AuditRecord record) {
        try {
            spool.append(AuditJson.bytes(record));
            LockSupport.unpark(mover);
        } catch (IOException e) {
            dropped.increment();
            if (!(e instanceof Spool.FullException)) {
                nextProbe.set(System.nanoTime() + PROBE_INTERVAL.toNanos());
            }
            if (dropped.sum() % LOGGED_OF_DROPPED == 1) {
                LOG.error("{} audit records could not be stored since the start", dropped.sum(), e);
            }
            if (options.required()) {
                throw ApiException.unaudited();
            }
        }
    }

    private void move() {
        Duration retry = MIN_RETRY;
        while (true) {
            try {
                boolean moved = moveBatch();
                retry = MIN_RETRY;
                if (!moved && closing) {
                    return;
                }
                boolean more = deleteSome() || moved;
                LockSupport.parkNanos(more ? GATHERING.toNanos() : IDLE.toNanos());
            } catch (SQLException | IOException | RuntimeException | Error e) {
                // Catches errors too: if an out-of-memory error ended this thread, nothing would empty the spool
                // any more.
                if (isDatabaseUp || e instanceof Error) {
                    LOG.warn("audit records stay on disk until {} works again", options.database(), e);
                }
                forgetDatabase();
                if (closing) {
                    return;
                }
                LockSupport.parkNanos(retry.toNanos());
                retry = retry.multipliedBy(2).compareTo(MAX_RETRY) < 0 ? retry.multipliedBy(2) : MAX_RETRY;
            }
        }
    }

    /// Moves the oldest records to the database.
    ///
    /// @return whether there were any records
    private boolean moveBatch() throws IOException, SQLException {
        AuditDatabase open = database == null ? AuditDatabase.open(options.database()) : database;
        database = open;
        isDatabaseUp = true;
        Spool.Batch batch = spool.read(BATCH_RECORDS, BATCH_BYTES);
        if (!batch.moves()) {
            return false;
        }
        List<AuditRecord> records = records(batch);
        open.store(records);
        spool.take(batch);
        stored.add(records.size());
        return true;
    }

    /// Deletes some expired records, if due. A failure does not affect the storing of records.
    ///
    /// @return whether there may be more
    private boolean deleteSome() {
        AuditDatabase open = database;
        if (options.retention().isEmpty() || open == null || System.nanoTime() - nextDeletion < 0) {
            return false;
        }
        int deleted = 0;
        try {
            deleted = open.deleteBefore(Instant.now().minus(options.retention().get()), AuditDatabase.DELETED_TOGETHER);
            expired.add(deleted);
        } catch (SQLException e) {
            LOG.warn("expired audit records cannot be deleted from {}", options.database(), e);
        }
        boolean more = deleted == AuditDatabase.DELETED_TOGETHER;
        nextDeletion = System.nanoTime() + (more ? 0 : AGE_INTERVAL.toNanos());
        return more;
    }

    private static List<AuditRecord> records(Spool.Batch batch) {
        List<AuditRecord> records = new ArrayList<>();
        for (byte[] payload : batch.payloads()) {
            try {
                records.add(AuditJson.read(payload));
            } catch (JacksonException e) {
                LOG.error("skipped a record in the audit spool: it is not in this version's format", e);
            }
        }
        return records;
    }

    private void forgetDatabase() {
        isDatabaseUp = false;
        AuditDatabase gone = database;
        database = null;
        if (gone == null) {
            return;
        }
        try {
            gone.close();
        } catch (SQLException e) {
            LOG.debug("the audit database cannot be closed", e);
        }
    }

    /// A query of the database.
    ///
    /// @param <T> the result
    @FunctionalInterface
    public interface Query<T> {
        /// Runs the query.
        ///
        /// @param database the query's own connection to the database
        /// @return the result
        /// @throws SQLException if the database fails
        T run(AuditDatabase database) throws SQLException;
    }

    /// Runs a query on its own connection, on a thread of the trail; a few queries run at the same time, and
    /// others wait.
    ///
    /// @param query the query
    /// @param <T> the result
    /// @return the result
    /// @throws SQLException if the database cannot be reached
    public <T> T run(Query<T> query) throws SQLException {
        Future<T> answer = readers.submit(() -> queryHere(query));
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while audit records were read", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException gone) {
                throw gone;
            }
            if (e.getCause() instanceof RuntimeException mistake) {
                throw mistake;
            }
            throw new IllegalStateException(e);
        }
    }

    private <T> T queryHere(Query<T> query) throws SQLException {
        try (AuditDatabase own = AuditDatabase.open(options.database())) {
            return query.run(own);
        }
    }

    /// The number of records stored in the database.
    ///
    /// @return the number since the start
    public long stored() {
        return stored.sum();
    }

    /// The number of lost records.
    ///
    /// @return the number since the start
    public long dropped() {
        return dropped.sum();
    }

    /// The number of records deleted because they expired.
    ///
    /// @return the number since the start
    public long expired() {
        return expired.sum();
    }

    /// Returns the size of the spool.
    ///
    /// @return the spool's bytes on disk
    public long spoolBytes() {
        return spool.bytes();
    }

    /// Tells whether the last access to the database succeeded.
    ///
    /// @return whether the last access succeeded
    public boolean isDatabaseUp() {
        return isDatabaseUp;
    }

    /// Waits until the spool is empty, for a limited time.
    @Override
    public void close() {
        closing = true;
        readers.shutdown();
        LockSupport.unpark(mover);
        try {
            mover.join(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            spool.close();
        } catch (IOException e) {
            LOG.warn("the audit spool cannot be closed", e);
        }
        if (!mover.isAlive()) {
            forgetDatabase();
        }
    }
}
