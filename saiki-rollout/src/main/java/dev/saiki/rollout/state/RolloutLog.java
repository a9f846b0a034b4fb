package dev.saiki.rollout.state;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The record of what has happened and is not on the disk yet. All of it is written together, so that a
/// process which is killed leaves a state behind that was once true. For one thread, but for {@link #isUp}.
final class RolloutLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutLog.class);

    private static final Duration BETWEEN_HISTORY = Duration.ofSeconds(1);
    private static final Duration ANSWERS_KEPT = Duration.ofDays(7);

    private final RolloutDatabase database;
    private final List<RolloutDatabase.Write> unwritten = new ArrayList<>();
    private volatile boolean up = true;
    private boolean evidenceChanged;
    private Instant lastHistory = Instant.EPOCH;

    RolloutLog(RolloutDatabase database) {
        this.database = database;
    }

    /// Whether what happens is kept.
    boolean isUp() {
        return up;
    }

    RolloutDatabase database() {
        return database;
    }

    /// Takes something down, to be written soon.
    void add(RolloutDatabase.Write write) {
        unwritten.add(write);
    }

    /// Hears that tests have observed something.
    void evidenceChanged() {
        evidenceChanged = true;
    }

    /// Writes all there is; tries again later if the database is gone.
    void flush(long run, RunEvidence evidence, Instant now) {
        try {
            if (!up) {
                database.reconnect();
            }
            write(run, evidence, now);
            if (!up) {
                LOG.info("the database is there again");
            }
            up = true;
        } catch (SQLException e) {
            if (up) {
                LOG.error("the database is gone; the baseline answers all until it is back: {}", e.getMessage());
            }
            up = false;
        }
    }

    private void write(long run, RunEvidence evidence, Instant now) throws SQLException {
        if (unwritten.isEmpty() && !evidenceChanged) {
            database.probe();
            return;
        }
        List<RolloutDatabase.Write> all = new ArrayList<>(unwritten);
        all.add(to -> to.setTests(run, evidence.states()));
        boolean forHistory = evidenceChanged && !now.isBefore(lastHistory.plus(BETWEEN_HISTORY));
        if (forHistory) {
            all.add(to -> to.addHistory(run, now, evidence.toJson()));
            all.add(to -> to.forgetAnswersBefore(now.minus(ANSWERS_KEPT)));
        }
        database.write(all);
        unwritten.clear();
        if (forHistory) {
            lastHistory = now;
            evidenceChanged = false;
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
