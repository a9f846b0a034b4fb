package dev.saiki.rollout.state;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Side;
import dev.saiki.server.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The database of a rollout, in one file of SQLite: one connection, for one thread. What belongs together is written
/// in one transaction, and is on the disk when that ends.
final class RolloutDatabase implements AutoCloseable {

    private static final String VERSION = "1";

    private static final List<String> SCHEMA = List.of(
            "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS decision (id INTEGER PRIMARY KEY, json TEXT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS test (run INTEGER, gate TEXT, state TEXT NOT NULL, PRIMARY KEY (run, gate))",
            "CREATE TABLE IF NOT EXISTS conversation (run INTEGER, key TEXT, entered INTEGER NOT NULL,"
                    + " json TEXT NOT NULL, PRIMARY KEY (run, key))",
            "CREATE TABLE IF NOT EXISTS pair (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, conversation TEXT NOT NULL,"
                    + " tenant TEXT NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL,"
                    + " request TEXT, baseline TEXT, candidate TEXT)",
            "CREATE INDEX IF NOT EXISTS pair_user ON pair (user)",
            "CREATE TABLE IF NOT EXISTS answer (id TEXT PRIMARY KEY, conversation TEXT NOT NULL, side TEXT NOT NULL,"
                    + " at INTEGER NOT NULL)",
            "CREATE INDEX IF NOT EXISTS answer_at ON answer (at)",
            "CREATE TABLE IF NOT EXISTS history (run INTEGER NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL)");

    private final Path file;
    private final FileChannel lock;
    private Connection connection;

    /// Something to be written.
    @FunctionalInterface
    interface Write {
        void to(RolloutDatabase database) throws SQLException;
    }

    private RolloutDatabase(Path file, FileChannel lock, Connection connection) {
        this.file = file;
        this.lock = lock;
        this.connection = connection;
    }

    /// Opens the file, or makes it.
    ///
    /// @throws InputException if it is no such file, or cannot be made
    static RolloutDatabase open(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw InputException.of(file.toString(), "the database", "a file", "a folder");
            }
            FileChannel lock = lock(file);
            if (!Files.exists(file)) {
                // It will hold a secret, and perhaps what people said.
                AtomicFiles.writePrivateString(file, "");
            }
            RolloutDatabase database = new RolloutDatabase(file, lock, connect(file));
            try {
                for (String table : SCHEMA) {
                    database.execute(table);
                }
                String version = database.meta("version").orElse(VERSION);
                if (!version.equals(VERSION)) {
                    throw InputException.of(file.toString(), "the database's version", VERSION, version);
                }
                database.setMeta("version", VERSION);
                return database;
            } catch (SQLException | RuntimeException e) {
                database.close();
                throw e;
            }
        } catch (SQLException | IOException e) {
            throw new InputException(
                    file + ": cannot be used as the database of a rollout (" + e.getMessage() + "); name a file that"
                            + " is one, or that is not there yet, in a folder that is",
                    e);
        }
    }

    /// Two gateways with one file would each undo what the other decided.
    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file.resolveSibling(file.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // It is held within this process.
        }
        channel.close();
        throw new InputException(file + ": another gateway is at work with it; give each a database of its own");
    }

    private static Connection connect(Path file) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        properties.setProperty("busy_timeout", "2000");
        properties.setProperty("secure_delete", "true");
        return DriverManager.getConnection("jdbc:sqlite:" + file, properties);
    }

    /// Connects anew to a file that is there.
    ///
    /// @throws SQLException if it is not there, or cannot be opened
    void reconnect() throws SQLException {
        requireFile();
        connection.close();
        connection = connect(file);
    }

    /// SQLite goes on writing into a file that was deleted.
    private void requireFile() throws SQLException {
        if (!Files.exists(file)) {
            throw new SQLException(file + " is gone");
        }
    }

    /// Writes all, or nothing.
    void write(List<Write> writes) throws SQLException {
        requireFile();
        connection.setAutoCommit(false);
        try {
            for (Write write : writes) {
                write.to(this);
            }
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /// Fails if the file cannot be read any more.
    void probe() throws SQLException {
        requireFile();
        Optional<String> _ = meta("version");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            return statement.executeUpdate();
        }
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int index = 0; index < values.length; index++) {
            statement.setObject(
                    index + 1, values[index] instanceof Optional<?> maybe ? maybe.orElse(null) : values[index]);
        }
    }

    private List<List<String>> select(String sql, int columns, Object... values) throws SQLException {
        List<List<String>> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    List<String> row = new ArrayList<>();
                    for (int column = 1; column <= columns; column++) {
                        String value = rows.getString(column);
                        row.add(value == null ? "" : value);
                    }
                    found.add(row);
                }
            }
        }
        return found;
    }

    Optional<String> meta(String name) throws SQLException {
        return select("SELECT value FROM meta WHERE name = ?", 1, name).stream()
                .map(List::getFirst)
                .findFirst();
    }

    void setMeta(String name, String value) throws SQLException {
        update("INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value);
    }

    void add(RolloutDecision decision) throws SQLException {
        update("INSERT INTO decision (json) VALUES (?)", text(decision.toJson()));
    }

    void setTests(long run, Map<String, String> states) throws SQLException {
        for (Map.Entry<String, String> state : states.entrySet()) {
            update(
                    "INSERT INTO test VALUES (?, ?, ?) ON CONFLICT (run, gate) DO UPDATE SET state = excluded.state",
                    run,
                    state.getKey(),
                    state.getValue());
        }
    }

    Map<String, String> tests(long run) throws SQLException {
        Map<String, String> states = new LinkedHashMap<>();
        select("SELECT gate, state FROM test WHERE run = ?", 2, run).forEach(row -> states.put(row.get(0), row.get(1)));
        return states;
    }

    void setConversation(long run, String key, String json) throws SQLException {
        update(
                "INSERT INTO conversation VALUES (?, ?, 0, ?) ON CONFLICT (run, key) DO UPDATE SET json = excluded.json",
                run,
                key,
                json);
    }

    void setEntered(long run, List<String> keys) throws SQLException {
        for (String key : keys) {
            update("UPDATE conversation SET entered = 1 WHERE run = ? AND key = ?", run, key);
        }
    }

    Map<String, OpenConversation> open(long run) throws SQLException {
        Map<String, OpenConversation> open = new LinkedHashMap<>();
        // A row is made when its conversation is assigned, so their numbers have the order of that.
        select("SELECT key, json FROM conversation WHERE run = ? AND entered = 0 ORDER BY rowid", 2, run)
                .forEach(row -> open.put(row.get(0), OpenConversation.read(row.get(1))));
        return open;
    }

    Set<String> entered(long run) throws SQLException {
        Set<String> entered = new HashSet<>();
        select("SELECT key FROM conversation WHERE run = ? AND entered = 1", 1, run)
                .forEach(row -> entered.add(row.getFirst()));
        return entered;
    }

    void add(FinishedPair pair, boolean withTexts) throws SQLException {
        ObjectNode json = Json.object();
        ObjectNode differences = json.putObject("differences");
        pair.differences().forEach(differences::put);
        describe(json.putObject("baseline"), pair.pair().baseline());
        describe(json.putObject("candidate"), pair.pair().candidate());
        update(
                "INSERT INTO pair (run, conversation, tenant, user, at, json, request, baseline, candidate)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                pair.run(),
                pair.conversation(),
                pair.subject().tenant(),
                pair.subject().user(),
                pair.at().toEpochMilli(),
                text(json),
                Optional.of(pair.pair().request()).filter(_ -> withTexts),
                said(pair.pair().baseline()).filter(_ -> withTexts),
                said(pair.pair().candidate()).filter(_ -> withTexts));
    }

    private static void describe(ObjectNode json, Outcome outcome) {
        json.put("first_byte_ms", outcome.firstByte().toMillis());
        json.put("total_ms", outcome.total().toMillis());
        switch (outcome) {
            case Outcome.Answered answered ->
                json.put("prompt_tokens", answered.promptTokens())
                        .put("completion_tokens", answered.completionTokens());
            case Outcome.Failed failed -> json.put("failed", failed.reason());
        }
    }

    private static Optional<String> said(Outcome outcome) {
        return outcome instanceof Outcome.Answered answered ? Optional.of(answered.comparable()) : Optional.empty();
    }

    void addAnswer(String id, String conversation, Side side, Instant at) throws SQLException {
        update(
                "INSERT INTO answer VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                id,
                conversation,
                side.name(),
                at.toEpochMilli());
    }

    void forgetAnswersBefore(Instant time) throws SQLException {
        update("DELETE FROM answer WHERE at < ?", time.toEpochMilli());
    }

    /// An answer that was given to a client.
    record GivenAnswer(String conversation, Side side, Instant at) {}

    Optional<GivenAnswer> answer(String id) throws SQLException {
        return select("SELECT conversation, side, at FROM answer WHERE id = ?", 3, id).stream()
                .map(row -> new GivenAnswer(
                        row.get(0), Side.valueOf(row.get(1)), Instant.ofEpochMilli(Long.parseLong(row.get(2)))))
                .findFirst();
    }

    void addHistory(long run, Instant at, ArrayNode evidence) throws SQLException {
        update("INSERT INTO history VALUES (?, ?, ?)", run, at.toEpochMilli(), text(evidence));
    }

    ArrayNode history(long run, int most) throws SQLException {
        ArrayNode points = Json.array();
        // Evenly thinned, and the last one always there.
        List<List<String>> rows = select("SELECT at, json FROM history WHERE run = ? ORDER BY rowid", 2, run);
        int step = Math.max(1, (rows.size() + most - 1) / most);
        for (int index = (rows.size() - 1) % step; index >= 0 && index < rows.size(); index += step) {
            points.addObject()
                    .put(
                            "at",
                            Instant.ofEpochMilli(Long.parseLong(rows.get(index).get(0)))
                                    .toString())
                    .set("gates", json(rows.get(index).get(1)));
        }
        return points;
    }

    ArrayNode decisions(int most) throws SQLException {
        ArrayNode decisions = Json.array();
        select("SELECT json FROM decision ORDER BY id DESC LIMIT ?", 1, most)
                .forEach(row -> decisions.add(json(row.getFirst())));
        return decisions;
    }

    /// The newest pairs.
    ///
    /// @param tenant whose pairs; empty for all
    ArrayNode pairs(Optional<String> tenant, int most) throws SQLException {
        ArrayNode pairs = Json.array();
        select(
                        "SELECT run, conversation, tenant, at, json, request, baseline, candidate FROM pair"
                                + " WHERE ?1 IS NULL OR tenant = ?1 ORDER BY id DESC LIMIT ?2",
                        8,
                        tenant,
                        most)
                .forEach(row -> {
                    ObjectNode pair = pairs.addObject();
                    pair.put("run", Long.parseLong(row.get(0)));
                    pair.put("conversation", row.get(1));
                    pair.put("tenant", row.get(2));
                    pair.put(
                            "at",
                            Instant.ofEpochMilli(Long.parseLong(row.get(3))).toString());
                    pair.set("outcome", json(row.get(4)));
                    pair.put("request", row.get(5));
                    pair.put("baseline", row.get(6));
                    pair.put("candidate", row.get(7));
                });
        return pairs;
    }

    /// Removes the pairs of a subject.
    ///
    /// @param tenant name of a key
    /// @param user keyed hash of a user's name
    /// @return how many there were
    int erase(String tenant, String user) throws SQLException {
        return update("DELETE FROM pair WHERE tenant = ? OR user = ?", tenant, user);
    }

    private static String text(JsonNode json) {
        return new String(Json.bytes(json), StandardCharsets.UTF_8);
    }

    private static JsonNode json(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            connection.close();
            lock.close();
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException(e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
