package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.io.sql.Sql;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The audit records in a database, accessed over one connection by one thread.
public final class AuditDatabase implements AutoCloseable {

    /// The number of expired records deleted per transaction; new records can be stored between two transactions.
    static final int DELETED_TOGETHER = 256;

    private static final long MICROS_A_DAY = 86_400_000_000L;

    private static final String INSERT_TEXT =
            "INSERT INTO audit_text (record_id, answer_index, prompt, answer, depths) VALUES (?, ?, ?, ?, ?)"
                    + " ON CONFLICT (record_id, answer_index) DO NOTHING";

    private final Sql sql;
    private final String erasureLock;

    private AuditDatabase(Sql sql, String erasureLock) {
        this.sql = sql;
        this.erasureLock = erasureLock;
    }

    /// An erasure order, which also applies to the subject's earlier records that reach the database later.
    private record Erased(String subjectHash, long untilMicros, Erasure kind) {
        boolean covers(AuditRecord record) {
            return RecordRow.micros(record.time()) <= untilMicros
                    && record.subject().map(AuditDatabase::hash).equals(Optional.of(subjectHash));
        }
    }

    /// A condition and its parameter.
    private record Condition(String sql, Object value) {}

    /// Connects, and brings the schema up to date.
    ///
    /// @param location the location of the database
    /// @return the database, to be closed
    /// @throws SQLException if the database cannot be reached
    /// @throws InputException if the database's schema is newer than this version supports
    public static AuditDatabase open(AuditLocation location) throws SQLException {
        Sql sql = new Sql(location.connect());
        try {
            Migrations.run(sql, location);
            return new AuditDatabase(sql, location.erasureLock());
        } catch (SQLException | RuntimeException e) {
            sql.close();
            throw e;
        }
    }

    /// Stores records in one transaction. Records that are stored already are left unchanged.
    ///
    /// @param records the records to store
    /// @throws SQLException if the records could not be stored
    public void store(List<AuditRecord> records) throws SQLException {
        sql.transact(erasureLock, () -> insert(records));
    }

    private int insert(List<AuditRecord> records) throws SQLException {
        List<Erased> orders = sql.select(
                "SELECT subject_hash, until_micros, kind FROM audit_erasure",
                row -> new Erased(row.getString(1), row.getLong(2), Erasure.valueOf(row.getString(3))));
        List<AuditRecord> kept = records.stream()
                .flatMap(record -> unlessErased(record, orders).stream())
                .toList();
        sql.updateAll(
                INSERT_TEXT, kept.stream().flatMap(AuditDatabase::textRows).toList());
        sql.updateAll(RecordRow.INSERT, kept.stream().map(RecordRow::values).toList());
        return kept.size();
    }

    private static Stream<Object[]> textRows(AuditRecord record) {
        return IntStream.range(0, record.texts().size()).mapToObj(index -> {
            AuditedText text = record.texts().get(index);
            return new Object[] {record.id(), index, text.prompt(), text.answer(), RecordRow.joined(text.depths())};
        });
    }

    private static Optional<AuditRecord> unlessErased(AuditRecord record, List<Erased> orders) {
        Optional<AuditRecord> kept = Optional.of(record);
        for (Erased order : orders) {
            if (kept.isPresent() && order.covers(record)) {
                kept = order.kind() == Erasure.REMOVE ? Optional.empty() : Optional.of(record.anonymous());
            }
        }
        return kept;
    }

    /// Finds records, newest first.
    ///
    /// @param filter the selection of records
    /// @return the records, with their texts
    /// @throws SQLException if the database fails
    public List<AuditRecord> find(AuditFilter filter) throws SQLException {
        List<Condition> conditions = conditions(filter);
        filter.after()
                .ifPresent(id -> conditions.add(new Condition(
                        "(time_micros, id) < (SELECT time_micros, id FROM audit_record WHERE id = ?)", id)));
        String query = "SELECT " + RecordRow.NAMES + " FROM audit_record" + where(conditions)
                + " ORDER BY time_micros DESC, id DESC LIMIT " + filter.limit();
        return withTexts(sql.select(query, RecordRow::read, values(conditions)));
    }

    private static List<Condition> conditions(AuditFilter filter) {
        List<Condition> conditions = new ArrayList<>();
        filter.since().ifPresent(time -> conditions.add(new Condition("time_micros >= ?", RecordRow.micros(time))));
        filter.until().ifPresent(time -> conditions.add(new Condition("time_micros < ?", RecordRow.micros(time))));
        filter.subject().ifPresent(subject -> conditions.add(new Condition("subject = ?", subject)));
        filter.model().ifPresent(model -> conditions.add(new Condition("model = ?", model)));
        filter.status().ifPresent(status -> conditions.add(new Condition("status = ?", status)));
        return conditions;
    }

    private static String where(List<Condition> conditions) {
        return conditions.isEmpty()
                ? ""
                : " WHERE "
                        + String.join(
                                " AND ", conditions.stream().map(Condition::sql).toList());
    }

    private static Object[] values(List<Condition> conditions) {
        return conditions.stream().map(Condition::value).toArray();
    }

    private List<AuditRecord> withTexts(List<AuditRecord> records) throws SQLException {
        List<AuditRecord> complete = new ArrayList<>();
        for (AuditRecord record : records) {
            complete.add(record.withTexts(sql.select(
                    "SELECT prompt, answer, depths FROM audit_text WHERE record_id = ? ORDER BY answer_index",
                    AuditDatabase::text,
                    record.id())));
        }
        return complete;
    }

    private static AuditedText text(ResultSet row) throws SQLException {
        List<Integer> depths =
                RecordRow.split(row.getString(3)).stream().map(Long::intValue).toList();
        return new AuditedText(row.getString(1), row.getString(2), depths);
    }

    /// Sums records by day and subject; the newest day comes first. The filter's page is ignored.
    ///
    /// @param filter the selection of records
    /// @return a row for each subject and day
    /// @throws SQLException if the database fails
    public List<AuditSummary> summary(AuditFilter filter) throws SQLException {
        List<Condition> conditions = conditions(filter);
        String query = "SELECT time_micros / " + MICROS_A_DAY + " AS epoch_day, subject, COUNT(*) AS requests, SUM(CASE"
                + " WHEN status >= 400 THEN 1 ELSE 0 END) AS failures, SUM(prompt_tokens) AS prompt_tokens,"
                + " SUM(completion_tokens) AS completion_tokens, CAST(SUM(depth_sum) AS DOUBLE PRECISION) /"
                + " NULLIF(SUM(depth_tokens), 0) AS mean_depth, SUM(CAST(flops AS DOUBLE PRECISION)) AS flops,"
                + " SUM(CAST(flops_saved AS DOUBLE PRECISION)) AS flops_saved FROM audit_record" + where(conditions)
                + " GROUP BY epoch_day, subject ORDER BY epoch_day DESC, subject";
        return sql.select(
                query,
                row -> new AuditSummary(
                        LocalDate.ofEpochDay(row.getLong("epoch_day")),
                        Optional.ofNullable(row.getString("subject")),
                        row.getLong("requests"),
                        row.getLong("failures"),
                        row.getLong("prompt_tokens"),
                        row.getLong("completion_tokens"),
                        RecordRow.number(row, "mean_depth"),
                        row.getDouble("flops"),
                        row.getDouble("flops_saved")),
                values(conditions));
    }

    /// Deletes records older than a time, in several transactions. SQLite allows only one writer at a time, and
    /// during a single long transaction the server could not store its records.
    ///
    /// @param time records before this time are deleted
    /// @return the number of deleted records
    /// @throws SQLException if the database fails; completed transactions are not undone
    public long deleteBefore(Instant time) throws SQLException {
        long all = 0;
        for (int piece = DELETED_TOGETHER; piece == DELETED_TOGETHER; all += piece) {
            piece = deleteBefore(time, DELETED_TOGETHER);
        }
        return all;
    }

    /// Deletes some of the records older than a time, the oldest first.
    ///
    /// @param time the age limit: only records before this time are deleted
    /// @param most the largest number to delete
    /// @return the number of deleted records
    /// @throws SQLException if the database fails
    int deleteBefore(Instant time, int most) throws SQLException {
        return sql.transact("", () -> {
            List<Object[]> ids = sql.select(
                    "SELECT id FROM audit_record WHERE time_micros < ? ORDER BY time_micros, id LIMIT ?",
                    row -> new Object[] {row.getString(1)},
                    RecordRow.micros(time),
                    most);
            sql.updateAll("DELETE FROM audit_text WHERE record_id = ?", ids);
            sql.updateAll("DELETE FROM audit_record WHERE id = ?", ids);
            return ids.size();
        });
    }

    /// Erases the records of a subject up to now, including records that are still in a spool.
    ///
    /// @param subject the name of an API key
    /// @param kind whether the records are deleted, or kept without the subject, the request's id and the texts
    /// @return the number of stored records that were erased
    /// @throws SQLException if the database fails
    public long erase(String subject, Erasure kind) throws SQLException {
        return sql.transact(erasureLock, () -> {
            // Stores the erasure order for earlier records that reach the database later.
            sql.update(
                    "INSERT INTO audit_erasure (subject_hash, until_micros, kind) VALUES (?, ?, ?)",
                    hash(subject),
                    RecordRow.micros(Instant.now().truncatedTo(ChronoUnit.MICROS)),
                    kind.name());
            sql.update(
                    "DELETE FROM audit_text WHERE record_id IN (SELECT id FROM audit_record WHERE subject = ?)",
                    subject);
            String records = kind == Erasure.REMOVE
                    ? "DELETE FROM audit_record"
                    : "UPDATE audit_record SET subject = NULL, request_id = ''";
            return (long) sql.update(records + " WHERE subject = ?", subject);
        });
    }

    private static String hash(String subject) {
        return Sha256.hex(subject.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws SQLException {
        sql.close();
    }
}
