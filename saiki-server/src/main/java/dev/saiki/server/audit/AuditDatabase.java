package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The audit records in a database: one connection, for one thread.
public final class AuditDatabase implements AutoCloseable {

    /// The number of expired records deleted per transaction; others can be stored between two transactions.
    static final int DELETED_TOGETHER = 256;

    private static final long MICROS_A_DAY = 86_400_000_000L;

    private static final String INSERT_TEXT =
            "INSERT INTO audit_text (record_id, answer_index, prompt, answer, depths) VALUES (?, ?, ?, ?, ?)"
                    + " ON CONFLICT (record_id, answer_index) DO NOTHING";

    private final Connection connection;
    private final String erasureLock;

    private AuditDatabase(Connection connection, String erasureLock) {
        this.connection = connection;
        this.erasureLock = erasureLock;
    }

    /// An erasure order that arrived before some of the subject's records.
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
    /// @param location of the database
    /// @return the database, to be closed
    /// @throws SQLException if it cannot be reached
    /// @throws InputException if its schema is newer than this version supports
    public static AuditDatabase open(AuditLocation location) throws SQLException {
        Connection connection = location.connect();
        try {
            Migrations.run(connection, location);
            return new AuditDatabase(connection, location.erasureLock());
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// Stores records, all or none; existing ones are left unchanged.
    ///
    /// @param records to store
    /// @throws SQLException if they could not be stored
    public void store(List<AuditRecord> records) throws SQLException {
        Transaction.run(connection, () -> {
            lockErasure();
            return insert(records);
        });
    }

    private void lockErasure() throws SQLException {
        if (erasureLock.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(erasureLock);
        }
    }

    private int insert(List<AuditRecord> records) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(RecordRow.INSERT);
                PreparedStatement insertText = connection.prepareStatement(INSERT_TEXT)) {
            List<Erased> erased = erased();
            for (AuditRecord record : records) {
                Optional<AuditRecord> kept = unlessErased(record, erased);
                if (kept.isPresent()) {
                    RecordRow.bind(insert, kept.get());
                    insert.addBatch();
                    addTexts(insertText, kept.get());
                }
            }
            insertText.executeBatch();
            return insert.executeBatch().length;
        }
    }

    private static void addTexts(PreparedStatement insert, AuditRecord record) throws SQLException {
        for (int index = 0; index < record.texts().size(); index++) {
            AuditedText text = record.texts().get(index);
            insert.setString(1, record.id());
            insert.setInt(2, index);
            insert.setString(3, text.prompt());
            insert.setString(4, text.answer());
            insert.setString(5, RecordRow.joined(text.depths()));
            insert.addBatch();
        }
    }

    private List<Erased> erased() throws SQLException {
        List<Erased> orders = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT subject_hash, until_micros, kind FROM audit_erasure")) {
            while (rows.next()) {
                orders.add(new Erased(rows.getString(1), rows.getLong(2), Erasure.valueOf(rows.getString(3))));
            }
        }
        return orders;
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
    /// @param filter selects the records
    /// @return the records, with their texts
    /// @throws SQLException if the database fails
    public List<AuditRecord> find(AuditFilter filter) throws SQLException {
        List<Condition> conditions = conditions(filter);
        filter.after()
                .ifPresent(id -> conditions.add(new Condition(
                        "(time_micros, id) < (SELECT time_micros, id FROM audit_record WHERE id = ?)", id)));
        String query = "SELECT " + RecordRow.NAMES + " FROM audit_record" + where(conditions)
                + " ORDER BY time_micros DESC, id DESC LIMIT " + filter.limit();
        List<AuditRecord> found = new ArrayList<>();
        try (PreparedStatement select = prepared(query, conditions);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(RecordRow.read(rows));
            }
        }
        return withTexts(found);
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

    private PreparedStatement prepared(String query, List<Condition> conditions) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(query);
        for (int index = 0; index < conditions.size(); index++) {
            statement.setObject(index + 1, conditions.get(index).value());
        }
        return statement;
    }

    private List<AuditRecord> withTexts(List<AuditRecord> records) throws SQLException {
        List<AuditRecord> complete = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT prompt, answer, depths FROM audit_text WHERE record_id = ? ORDER BY answer_index")) {
            for (AuditRecord record : records) {
                select.setString(1, record.id());
                List<AuditedText> texts = new ArrayList<>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        List<Integer> depths = RecordRow.split(rows.getString(3)).stream()
                                .map(Long::intValue)
                                .toList();
                        texts.add(new AuditedText(rows.getString(1), rows.getString(2), depths));
                    }
                }
                complete.add(record.withTexts(texts));
            }
        }
        return complete;
    }

    /// Sums records by day and subject, newest day first. The filter's page is ignored.
    ///
    /// @param filter selects the records
    /// @return a row for each subject and day
    /// @throws SQLException if the database fails
    public List<AuditSummary> summary(AuditFilter filter) throws SQLException {
        List<Condition> conditions = conditions(filter);
        String query = "SELECT time_micros / " + MICROS_A_DAY + " AS epoch_day, subject, COUNT(*) AS requests,"
                + " SUM(CASE WHEN status >= 400 THEN 1 ELSE 0 END) AS failures,"
                + " SUM(prompt_tokens) AS prompt_tokens, SUM(completion_tokens) AS completion_tokens,"
                + " CAST(SUM(depth_sum) AS DOUBLE PRECISION) / NULLIF(SUM(depth_tokens), 0) AS mean_depth,"
                + " SUM(CAST(flops AS DOUBLE PRECISION)) AS flops,"
                + " SUM(CAST(flops_saved AS DOUBLE PRECISION)) AS flops_saved FROM audit_record" + where(conditions)
                + " GROUP BY epoch_day, subject ORDER BY epoch_day DESC, subject";
        List<AuditSummary> lines = new ArrayList<>();
        try (PreparedStatement select = prepared(query, conditions);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                lines.add(new AuditSummary(
                        LocalDate.ofEpochDay(rows.getLong("epoch_day")),
                        Optional.ofNullable(rows.getString("subject")),
                        rows.getLong("requests"),
                        rows.getLong("failures"),
                        rows.getLong("prompt_tokens"),
                        rows.getLong("completion_tokens"),
                        RecordRow.number(rows, "mean_depth"),
                        rows.getDouble("flops"),
                        rows.getDouble("flops_saved")));
            }
        }
        return lines;
    }

    /// Deletes records older than a time, in several transactions: SQLite allows one writer at a time, and the
    /// server should not have to wait for the whole deletion to store its records.
    ///
    /// @param time records before it are deleted
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
    /// @param time records before it are deleted
    /// @param most the largest number to delete
    /// @return the number of deleted records
    /// @throws SQLException if the database fails
    int deleteBefore(Instant time, int most) throws SQLException {
        return Transaction.run(connection, () -> delete(idsBefore(time, most)));
    }

    private int delete(List<String> ids) throws SQLException {
        try (PreparedStatement ofTexts = connection.prepareStatement("DELETE FROM audit_text WHERE record_id = ?");
                PreparedStatement ofRecords = connection.prepareStatement("DELETE FROM audit_record WHERE id = ?")) {
            for (String id : ids) {
                ofTexts.setString(1, id);
                ofTexts.addBatch();
                ofRecords.setString(1, id);
                ofRecords.addBatch();
            }
            ofTexts.executeBatch();
            ofRecords.executeBatch();
            return ids.size();
        }
    }

    private List<String> idsBefore(Instant time, int most) throws SQLException {
        List<Condition> conditions = List.of(new Condition("time_micros < ?", RecordRow.micros(time)));
        String query = "SELECT id FROM audit_record" + where(conditions) + " ORDER BY time_micros, id LIMIT " + most;
        List<String> ids = new ArrayList<>();
        try (PreparedStatement select = prepared(query, conditions);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
    }

    /// Erases a subject: its stored records, and those up to now that are still in a spool.
    ///
    /// @param subject name of a key
    /// @param kind whether records are deleted, or kept without the name
    /// @return the number of stored records that were erased
    /// @throws SQLException if the database fails
    public long erase(String subject, Erasure kind) throws SQLException {
        return Transaction.run(connection, () -> {
            lockErasure();
            order(subject, kind);
            return eraseStored(subject, kind);
        });
    }

    /// Stores the order for records that arrive later.
    private void order(String subject, Erasure kind) throws SQLException {
        try (PreparedStatement order = connection.prepareStatement(
                "INSERT INTO audit_erasure (subject_hash, until_micros, kind) VALUES (?, ?, ?)")) {
            order.setString(1, hash(subject));
            order.setLong(2, RecordRow.micros(Instant.now().truncatedTo(ChronoUnit.MICROS)));
            order.setString(3, kind.name());
            order.executeUpdate();
        }
    }

    /// Deletes or anonymises the stored records, their texts first.
    private long eraseStored(String subject, Erasure kind) throws SQLException {
        List<Condition> conditions = List.of(new Condition("subject = ?", subject));
        String records = kind == Erasure.REMOVE
                ? "DELETE FROM audit_record"
                : "UPDATE audit_record SET subject = NULL, request_id = ''";
        String texts =
                "DELETE FROM audit_text WHERE record_id IN (SELECT id FROM audit_record" + where(conditions) + ")";
        try (PreparedStatement ofTexts = prepared(texts, conditions);
                PreparedStatement ofRecords = prepared(records + where(conditions), conditions)) {
            ofTexts.executeUpdate();
            return ofRecords.executeUpdate();
        }
    }

    private static String hash(String subject) {
        return Sha256.hex(subject.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
