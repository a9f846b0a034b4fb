package dev.saiki.rollout.journal;

import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import dev.saiki.io.sql.Sql;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.DatabaseLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// The database of a rollout: one connection, for one thread. Several gateways may share the database:
/// transactions are serialized, and each transaction first reads the changes of the other gateways.
public final class Journal implements AutoCloseable {

    private static final String VERSION = "3";
    private static final String REVISION = "revision";
    private static final int SECRET_BYTES = 32;

    private static final String SCHEMA = "schema.sql";

    private final DatabaseLocation location;
    private final SqlConnection sql;
    private boolean isMade;

    private Journal(DatabaseLocation location, SqlConnection sql) {
        this.location = location;
        this.sql = sql;
    }

    /// Opens a database and creates its tables. If a PostgreSQL database is down, the tables are created once it
    /// is back.
    ///
    /// @throws InputException if the database cannot be used
    public static Journal open(DatabaseLocation location) {
        try {
            Journal database = new Journal(location, new SqlConnection(DatabaseDialect.of(location)));
            try {
                database.connect();
                return database;
            } catch (SQLException e) {
                if (database.sql.isTransient(e)) {
                    return database;
                }
                database.close();
                throw e;
            } catch (RuntimeException e) {
                database.close();
                throw e;
            }
        } catch (SQLException | IOException e) {
            throw new InputException(
                    location + ": cannot be used as the rollout's database (" + e.getMessage() + "); name an existing"
                            + " rollout database, a new file in an existing folder, or an existing PostgreSQL database",
                    e);
        }
    }

    /// Whether the database was ever reached.
    public boolean isMade() {
        return isMade;
    }

    /// Connects or reconnects; creates the tables the first time.
    ///
    /// @throws SQLException if the database does not exist or cannot be reached
    /// @throws InputException if another version created the tables
    public void connect() throws SQLException {
        sql.connect();
        if (isMade) {
            return;
        }
        String found = sql.make(Resources.text(Journal.class.getResourceAsStream(SCHEMA), SCHEMA), this::version);
        if (!found.equals(VERSION)) {
            throw new InputException(location + ": the rollout's database must have format " + VERSION + ", got "
                    + found + ", whose evidence follows other rules; name a new database, in which the rollout begins"
                    + " at the plan's first stage");
        }
        isMade = true;
    }

    private String version() throws SQLException {
        sql.update("INSERT INTO rollout_meta VALUES ('version', ?) ON CONFLICT (name) DO NOTHING", VERSION);
        return sql.select("SELECT value FROM rollout_meta WHERE name = 'version'", 1)
                .getFirst()
                .getFirst();
    }

    /// Returns the storage of pairs in this database.
    public StoredPairs storedPairs() {
        return new StoredPairs(sql);
    }

    /// Does a unit of work in a transaction that excludes other gateways.
    public <T> T transact(Sql.Work<T> work) throws SQLException {
        return sql.transact(work);
    }

    /// The metadata of the rollout, by name.
    public Map<String, String> meta() throws SQLException {
        Map<String, String> meta = new HashMap<>();
        sql.select("SELECT name, value FROM rollout_meta", 2).forEach(row -> meta.put(row.get(0), row.get(1)));
        return meta;
    }

    /// The number of the last change of the state, as found in the metadata.
    public static long revision(Map<String, String> meta) {
        return Long.parseLong(meta.getOrDefault(REVISION, "0"));
    }

    public void setRevision(long revision) throws SQLException {
        setMeta(REVISION, Long.toString(revision));
    }

    /// Whether the state still has a revision. Of a database for one gateway nothing is read.
    ///
    /// @throws SQLException if the database is gone
    public boolean isAt(long revision) throws SQLException {
        return !sql.isShared()
                || sql.select("SELECT value FROM rollout_meta WHERE name = '" + REVISION + "'", 1)
                        .equals(List.of(List.of(Long.toString(revision))));
    }

    /// The secret of this rollout in hexadecimal, made on first use.
    public String secret() throws SQLException {
        byte[] made = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(made);
        return transact(() -> {
            sql.update(
                    "INSERT INTO rollout_meta VALUES ('secret', ?) ON CONFLICT (name) DO NOTHING",
                    HexFormat.of().formatHex(made));
            return sql.select("SELECT value FROM rollout_meta WHERE name = 'secret'", 1)
                    .getFirst()
                    .getFirst();
        });
    }

    /// What was noted beside the database; empty if nothing was, or there is no such place.
    public Optional<String> note() throws SQLException {
        return sql.note();
    }

    /// Notes a short text beside the database, where an old backup does not reach it.
    public void note(String text) throws SQLException {
        sql.note(text);
    }

    public void setMeta(String name, String value) throws SQLException {
        sql.update(
                "INSERT INTO rollout_meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                name,
                value);
    }

    public void removeMeta(String name) throws SQLException {
        sql.update("DELETE FROM rollout_meta WHERE name = ?", name);
    }

    public void add(RolloutDecision decision) throws SQLException {
        sql.update("INSERT INTO rollout_decision (json) VALUES (?)", text(decision.toJson()));
    }

    public void setTests(long run, Map<String, String> states) throws SQLException {
        List<Object[]> rows = new ArrayList<>();
        states.forEach((gate, state) -> rows.add(new Object[] {run, gate, state}));
        sql.updateAll(
                "INSERT INTO rollout_test VALUES (?, ?, ?)"
                        + " ON CONFLICT (run, gate) DO UPDATE SET state = excluded.state",
                rows);
    }

    public Map<String, String> tests(long run) throws SQLException {
        Map<String, String> states = new HashMap<>();
        sql.select("SELECT gate, state FROM rollout_test WHERE run = ?", 2, run)
                .forEach(row -> states.put(row.get(0), row.get(1)));
        return states;
    }

    /// Stores new conversations, except those already stored.
    public void addConversations(long run, Map<String, OpenConversation> conversations) throws SQLException {
        List<Object[]> rows = new ArrayList<>();
        conversations.forEach((key, conversation) -> rows.add(new Object[] {run, key, conversation.toJson()}));
        sql.updateAll(
                "INSERT INTO rollout_conversation (run, key, entered, json) VALUES (?, ?, 0, ?)"
                        + " ON CONFLICT (run, key) DO NOTHING",
                rows);
    }

    public void setConversations(long run, Map<String, OpenConversation> conversations) throws SQLException {
        List<Object[]> rows = new ArrayList<>();
        conversations.forEach((key, conversation) -> rows.add(new Object[] {conversation.toJson(), run, key}));
        sql.updateAll("UPDATE rollout_conversation SET json = ? WHERE run = ? AND key = ?", rows);
    }

    /// A conversation that has begun and has not entered the tests.
    public Optional<OpenConversation> openConversation(long run, String key) throws SQLException {
        return sql
                .select("SELECT json FROM rollout_conversation WHERE run = ? AND key = ? AND entered = 0", 1, run, key)
                .stream()
                .map(row -> OpenConversation.read(row.getFirst()))
                .findFirst();
    }

    /// A conversation and its number; numbers follow the order in which conversations began.
    public record Numbered(long number, String json) {

        /// Parses the conversation.
        public OpenConversation conversation() {
            return OpenConversation.read(json);
        }
    }

    /// The oldest conversations that have not entered the tests.
    public List<Numbered> firstOpen(long run, int max) throws SQLException {
        return sql
                .select(
                        "SELECT number, json FROM rollout_conversation WHERE run = ? AND entered = 0"
                                + " ORDER BY number LIMIT ?",
                        2,
                        run,
                        max)
                .stream()
                .map(row -> new Numbered(Long.parseLong(row.get(0)), row.get(1)))
                .toList();
    }

    public void setEntered(List<Long> numbers) throws SQLException {
        sql.updateAll(
                "UPDATE rollout_conversation SET entered = 1, json = '' WHERE number = ?",
                numbers.stream().map(number -> new Object[] {number}).toList());
    }

    /// Removes a batch of conversations and verdicts of past runs; one statement for all of them might exceed
    /// the statement timeout.
    ///
    /// @return whether there may be more to remove
    public boolean forgetSomeBefore(long run) throws SQLException {
        boolean conversations = forget(
                "DELETE FROM rollout_conversation WHERE number IN"
                        + " (SELECT number FROM rollout_conversation WHERE run < ? LIMIT ?)",
                run);
        boolean verdicts = forget(
                "DELETE FROM rollout_verdict WHERE number IN (SELECT number FROM rollout_verdict WHERE run < ? LIMIT ?)",
                run);
        return conversations || verdicts;
    }

    private boolean forget(String statement, long before) throws SQLException {
        return sql.update(statement, before, StoredPairs.FORGOTTEN_TOGETHER) == StoredPairs.FORGOTTEN_TOGETHER;
    }

    /// Stores a user's first verdict on a conversation, and matches it with an unmatched verdict on an answer of
    /// the other side.
    ///
    /// @return the loss of the matched verdict; empty if there is none
    public OptionalDouble addVerdict(long run, String conversation, Side side, double loss) throws SQLException {
        int isNew = sql.update(
                "INSERT INTO rollout_verdict (run, conversation, side, loss, paired) VALUES (?, ?, ?, ?, 0)"
                        + " ON CONFLICT (run, conversation) DO NOTHING",
                run,
                conversation,
                side.name(),
                loss);
        if (isNew == 0) {
            return OptionalDouble.empty();
        }
        List<List<String>> other = sql.select(
                "SELECT number, loss FROM rollout_verdict WHERE run = ? AND side = ? AND paired = 0"
                        + " ORDER BY number LIMIT 1",
                2,
                run,
                side.other().name());
        if (other.isEmpty()) {
            return OptionalDouble.empty();
        }
        sql.update(
                "UPDATE rollout_verdict SET paired = 1 WHERE number = ? OR (run = ? AND conversation = ?)",
                Long.parseLong(other.getFirst().get(0)),
                run,
                conversation);
        return OptionalDouble.of(Double.parseDouble(other.getFirst().get(1)));
    }

    public void addAnswers(List<RolloutEvent.Delivered> answers) throws SQLException {
        sql.updateAll(
                "INSERT INTO rollout_answer VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                answers.stream()
                        .map(given -> new Object[] {
                            StoredPairs.storable(given.id()),
                            given.conversation(),
                            given.side().name(),
                            given.at().toEpochMilli()
                        })
                        .toList());
    }

    /// Removes a batch of old answers.
    ///
    /// @return whether there may be more to remove
    public boolean forgetSomeAnswersBefore(Instant time) throws SQLException {
        return forget(
                "DELETE FROM rollout_answer WHERE id IN (SELECT id FROM rollout_answer WHERE at < ? LIMIT ?)",
                time.toEpochMilli());
    }

    /// An answer delivered to a client.
    public record GivenAnswer(String conversation, Side side, Instant at) {}

    public Optional<GivenAnswer> answer(String id) throws SQLException {
        return sql
                .select("SELECT conversation, side, at FROM rollout_answer WHERE id = ?", 3, StoredPairs.storable(id))
                .stream()
                .map(row -> new GivenAnswer(
                        row.get(0), Side.valueOf(row.get(1)), Instant.ofEpochMilli(Long.parseLong(row.get(2)))))
                .findFirst();
    }

    public void addHistory(long run, Instant at, ArrayNode evidence) throws SQLException {
        sql.update(
                "INSERT INTO rollout_history (run, at, json) VALUES (?, ?, ?)", run, at.toEpochMilli(), text(evidence));
    }

    /// The history of the evidence, evenly thinned; the last point is always included.
    public ArrayNode history(long run, int max) throws SQLException {
        List<String> range = sql.select(
                        "SELECT COUNT(*), COALESCE(MAX(number), 0) FROM rollout_history WHERE run = ?", 2, run)
                .getFirst();
        long step = Math.max(1, (Long.parseLong(range.get(0)) + max - 1) / max);
        long last = Long.parseLong(range.get(1));
        ArrayNode points = Json.array();
        sql.select(
                        "SELECT at, json FROM rollout_history WHERE run = ? AND (? - number) % ? = 0 ORDER BY number",
                        2, run, last, step)
                .forEach(
                        row -> points.addObject().put("at", instant(row.get(0))).set("gates", json(row.get(1))));
        return points;
    }

    public ArrayNode decisions(int max) throws SQLException {
        ArrayNode decisions = Json.array();
        sql.select("SELECT json FROM rollout_decision ORDER BY number DESC LIMIT ?", 1, max)
                .forEach(row -> decisions.add(json(row.getFirst())));
        return decisions;
    }

    public static String instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis)).toString();
    }

    public static String text(JsonNode json) {
        return new String(Json.bytes(json), StandardCharsets.UTF_8);
    }

    public static JsonNode json(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            sql.close();
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException(e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
