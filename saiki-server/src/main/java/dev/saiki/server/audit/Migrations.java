package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import dev.saiki.io.sql.Sql;
import java.sql.SQLException;
import java.util.List;

/// The numbered migrations of the schema, the same for SQLite and PostgreSQL.
///
/// Flyway also runs migrations, but for a few tables it would add five jars to the server and a class path scan to
/// its start. A list of steps, run in a transaction and under a lock, needs neither.
final class Migrations {

    private static final int LATEST = 1;

    private Migrations() {}

    /// Runs the missing migrations; if none is missing, no lock is taken.
    ///
    /// @throws InputException if the schema is newer than this version supports
    static void run(Sql sql, AuditLocation location) throws SQLException {
        if (!isUpToDate(sql)) {
            sql.transact(location.schemaLock(), () -> runSteps(sql, location));
        }
    }

    private static boolean isUpToDate(Sql sql) {
        try {
            return version(sql) == LATEST;
        } catch (SQLException e) {
            // The table does not exist yet. Any other error occurs again in the transaction, and is reported
            // there.
            return false;
        }
    }

    private static int runSteps(Sql sql, AuditLocation location) throws SQLException {
        sql.execute("CREATE TABLE IF NOT EXISTS audit_schema (version INTEGER PRIMARY KEY)");
        int there = version(sql);
        if (there > LATEST) {
            throw new InputException(location + ": the audit schema has version " + there
                    + ", newer than this version of Saiki supports (up to " + LATEST + ")");
        }
        for (int version = there + 1; version <= LATEST; version++) {
            for (String statement : step(version)) {
                sql.execute(statement);
            }
            sql.update("INSERT INTO audit_schema (version) VALUES (?)", version);
        }
        return LATEST - there;
    }

    /// The statements of a step. A released step is never changed: a change of the schema is a further step.
    private static List<String> step(int version) {
        String name = "schema-" + version + ".sql";
        return List.of(Resources.text(Migrations.class.getResourceAsStream(name), name)
                .strip()
                .split(";\n", -1));
    }

    private static int version(Sql sql) throws SQLException {
        return sql.select("SELECT MAX(version) FROM audit_schema", row -> row.getInt(1))
                .getFirst();
    }
}
