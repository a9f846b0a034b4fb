package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// The numbered migrations of the schema, the same for SQLite and PostgreSQL.
///
/// Flyway does this too. For one table it would add five jars to the server, a class path scan to its start, and a
/// table of its own. A list of steps, run in a transaction and under a lock, needs none of them.
final class Migrations {

    /// The statements of each step. A released step is never changed; changes are made by a further step.
    private static final List<List<String>> STEPS = List.of(List.of(
            """
            CREATE TABLE audit_record (
              id VARCHAR(64) PRIMARY KEY,
              request_id VARCHAR(128) NOT NULL,
              time_micros BIGINT NOT NULL,
              subject TEXT,
              path TEXT NOT NULL,
              model TEXT NOT NULL,
              model_version VARCHAR(64) NOT NULL,
              router_version VARCHAR(64) NOT NULL,
              max_tokens INTEGER,
              temperature DOUBLE PRECISION,
              top_k INTEGER,
              top_p DOUBLE PRECISION,
              min_p DOUBLE PRECISION,
              seed BIGINT,
              effort DOUBLE PRECISION,
              min_depth INTEGER,
              max_depth INTEGER,
              prompts INTEGER,
              choices INTEGER,
              stream INTEGER,
              prompt_tokens BIGINT,
              cached_tokens BIGINT,
              completion_tokens BIGINT,
              answers INTEGER,
              depth_histogram TEXT,
              depth_tokens BIGINT,
              depth_sum BIGINT,
              flops BIGINT,
              flops_saved BIGINT,
              queue_millis DOUBLE PRECISION,
              first_token_millis DOUBLE PRECISION,
              total_millis DOUBLE PRECISION NOT NULL,
              finish_reason TEXT,
              error TEXT,
              status INTEGER NOT NULL
            )""",
            "CREATE INDEX audit_record_time ON audit_record (time_micros, id)",
            "CREATE INDEX audit_record_subject ON audit_record (subject, time_micros, id)",
            """
            CREATE TABLE audit_text (
              record_id VARCHAR(64) NOT NULL,
              answer_index INTEGER NOT NULL,
              prompt TEXT NOT NULL,
              answer TEXT NOT NULL,
              depths TEXT NOT NULL,
              PRIMARY KEY (record_id, answer_index)
            )""",
            // Records that arrive later, from a spool, are erased too; the subject is stored as a hash, so that
            // the table contains no names.
            """
            CREATE TABLE audit_erasure (
              subject_hash VARCHAR(64) NOT NULL,
              until_micros BIGINT NOT NULL,
              kind VARCHAR(16) NOT NULL
            )"""));

    private Migrations() {}

    /// Runs the missing steps; if there are none, it takes no lock.
    ///
    /// @throws InputException if the schema is newer than this version supports
    static void run(Connection connection, AuditLocation location) throws SQLException {
        if (!isUpToDate(connection)) {
            Transaction.run(connection, () -> takeSteps(connection, location));
        }
    }

    private static boolean isUpToDate(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            return version(statement) == STEPS.size();
        } catch (SQLException e) {
            // The table does not exist yet; any other error occurs again in the transaction.
            return false;
        }
    }

    private static int takeSteps(Connection connection, AuditLocation location) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!location.schemaLock().isEmpty()) {
                statement.execute(location.schemaLock());
            }
            statement.execute("CREATE TABLE IF NOT EXISTS audit_schema (version INTEGER PRIMARY KEY)");
            int there = version(statement);
            if (there > STEPS.size()) {
                throw new InputException(location + ": the audit schema has version " + there
                        + ", newer than this version of Saiki knows (up to " + STEPS.size() + ")");
            }
            for (int version = there + 1; version <= STEPS.size(); version++) {
                for (String step : STEPS.get(version - 1)) {
                    statement.execute(step);
                }
                statement.execute("INSERT INTO audit_schema (version) VALUES (" + version + ")");
            }
            return STEPS.size() - there;
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT MAX(version) FROM audit_schema")) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }
}
