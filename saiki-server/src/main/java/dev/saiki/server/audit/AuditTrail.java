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

/// The audit trail of a server: records go to a spool on disk before a request is answered, and from there, on a
/// separate thread, to the database. Requests wait for the disk, never for the database.
public final class AuditTrail implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);

    /// Of records that are lost, the first and then one of so many is worth a line in the log.
    private static final int LOGGED_OF_DROPPED = 1000;

    private static final int MOST_READERS = 4;
    private static final int BATCH_RECORDS = 512;
    private static final int BATCH_BYTES = 1 << 22;

    /// What has to be free for a request to be let in where records are required.
    private static final int LEAST_ROOM = 1 << 16;

    /// How long records gather, so that the database commits many at once.
    private static final Duration GATHERING = Duration.ofMillis(50);

    private static final long NEVER = Long.MIN_VALUE;
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration SHORTEST_RETRY = Duration.ofMillis(250);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

    /// How often it is looked for records that have become too old.
    private static final Duration AGE_INTERVAL = Duration.ofMinutes(1);

    /// How long the end of the server waits for the database; what is left waits on disk for the next start.
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final AuditOptions options;
    private final Spool spool;
    private final Thread mover;

    /// Read from the database: its drivers block a thread, and a virtual thread in native code keeps a CPU from all
    /// others that answer.
    private final ExecutorService readers = Executors.newFixedThreadPool(
            MOST_READERS,
            Thread.ofPlatform().name("saiki-audit-reader-", 0).daemon().factory());

    /// When the disk, which took nothing, is tried again.
    private final AtomicLong nextProbe = new AtomicLong(NEVER);

    private final LongAdder stored = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private volatile boolean isDatabaseUp;
    private volatile boolean closing;
    private @Nullable AuditDatabase database;

    /// When records are looked for that are too old; only the mover knows.
    private long nextDeletion = System.nanoTime();

    private AuditTrail(AuditOptions options, Spool spool) {
        this.options = options;
        this.spool = spool;
        this.mover = Thread.ofPlatform().name("saiki-audit").daemon().unstarted(this::move);
    }

    /// Begins to keep records, those first that wait from an earlier run. A database server need not be there yet.
    ///
    /// @param options how
    /// @return the trail, to be closed
    /// @throws InputException if the spool is in use, or the database can never be connected to
    /// @throws IOException if the disk fails
    public static AuditTrail open(AuditOptions options) throws IOException {
        options.database().requirePossible(true);
        AuditTrail trail = new AuditTrail(options, Spool.open(options.spool(), options.spoolBytes()));
        trail.mover.start();
        return trail;
    }

    /// Moves everything that waits into a database, for a server that is not there to do it.
    ///
    /// @param options where both are
    /// @param database the database
    /// @return how many records waited
    /// @throws IOException if the disk fails
    /// @throws SQLException if the database does
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

    /// Whether texts are kept.
    boolean keepsTexts() {
        return options.texts();
    }

    /// Refuses a request whose record could not be kept, if records are required.
    ///
    /// @throws ApiException with status 503
    public void requireRoom() {
        if (options.required() && !(isDiskWell() && spool.bytes() < options.spoolBytes() - LEAST_ROOM)) {
            throw ApiException.unaudited();
        }
    }

    /// Whether the disk takes something. One that did not is tried again after a while, by one of those who ask.
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

    /// Keeps a record; when it returns, the record is on disk, or it was dropped and counted.
    ///
    /// @throws ApiException with status 503 if it could not be kept, and records are required
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
                LOG.error("audit record {} since the start could not be stored", dropped.sum(), e);
            }
            if (options.required()) {
                throw ApiException.unaudited();
            }
        }
    }

    private void move() {
        Duration retry = SHORTEST_RETRY;
        while (true) {
            try {
                boolean moved = moveBatch();
                retry = SHORTEST_RETRY;
                if (!moved && closing) {
                    return;
                }
                boolean goesOn = deleteSome() || moved;
                LockSupport.parkNanos(goesOn ? GATHERING.toNanos() : IDLE.toNanos());
            } catch (SQLException | IOException | RuntimeException | Error e) {
                // An error, such as of memory, must not end this thread: nothing would leave the spool any more.
                if (isDatabaseUp || e instanceof Error) {
                    LOG.warn("audit records wait on disk, since {} fails", options.database(), e);
                }
                forgetDatabase();
                if (closing) {
                    return;
                }
                LockSupport.parkNanos(retry.toNanos());
                retry = retry.multipliedBy(2).compareTo(LONGEST_RETRY) < 0 ? retry.multipliedBy(2) : LONGEST_RETRY;
            }
        }
    }

    /// Moves what has waited longest.
    ///
    /// @return whether anything did
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

    /// Deletes a piece of what is too old, when it is time for that. If it cannot, records are stored all
    /// the same.
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
                LOG.error("skipped an audit record of another version in the spool", e);
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

    /// Something that is read from the database.
    ///
    /// @param <T> what is read
    @FunctionalInterface
    public interface Question<T> {
        /// Reads it.
        ///
        /// @param database a connection of its own
        /// @return what was read
        /// @throws SQLException if the database is gone
        T ask(AuditDatabase database) throws SQLException;
    }

    /// Reads from the database, over a connection of its own and on a thread of the trail; few do so at the same
    /// time, the others wait.
    ///
    /// @param question what to read
    /// @param <T> what is read
    /// @return what was read
    /// @throws SQLException if the database cannot be reached
    public <T> T ask(Question<T> question) throws SQLException {
        Future<T> answer = readers.submit(() -> askHere(question));
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

    private <T> T askHere(Question<T> question) throws SQLException {
        try (AuditDatabase own = AuditDatabase.open(options.database())) {
            return question.ask(own);
        }
    }

    /// Counts what has reached the database.
    ///
    /// @return records since the start
    public long stored() {
        return stored.sum();
    }

    /// Counts what could not be kept.
    ///
    /// @return records since the start
    public long dropped() {
        return dropped.sum();
    }

    /// Counts what was deleted for its age.
    ///
    /// @return records since the start
    public long expired() {
        return expired.sum();
    }

    /// Measures what waits on disk.
    ///
    /// @return bytes
    public long spoolBytes() {
        return spool.bytes();
    }

    /// Tells whether the database was there when it was last needed.
    ///
    /// @return whether it was
    public boolean isDatabaseUp() {
        return isDatabaseUp;
    }

    /// Waits a while for what is on its way to the database.
    @Override
    public void close() {
        closing = true;
        readers.shutdown();
        LockSupport.unpark(mover);
        try {
            mover.join(LAST_WORDS);
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
