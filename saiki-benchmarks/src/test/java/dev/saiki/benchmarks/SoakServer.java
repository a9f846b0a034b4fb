package dev.saiki.benchmarks;

import dev.saiki.server.audit.AuditDatabase;
import dev.saiki.server.audit.AuditFilter;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditRecord;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in its own process, with keys and reloads over HTTP.
final class SoakServer implements AutoCloseable {

    private static final Pattern SERVING = Pattern.compile("^serving .* at (http://\\S+)/v1,", Pattern.MULTILINE);

    /// Errors other than the expected refusal of a checkpoint.
    private static final Pattern ERROR =
            Pattern.compile("^saiki: ERROR: (?!the checkpoint cannot be served).*$", Pattern.MULTILINE);

    private static final int LONGEST_START_SECONDS = 300;
    private static final int LONGEST_END_SECONDS = 60;
    /// The server's cache for keys and values, small enough that it is full before the load begins.
    private static final String CACHE_MIB = "64";

    /// The name of the audit database, if the server has an audit.
    static final String AUDIT = "audit.db";

    private static final int LOCK_WAIT_MILLIS = 5_000;
    private static final int TERMINATED = 128 + 15;

    private final Process process;
    private final Path folder;
    private final URI base;
    private final Keys keys;

    /// The API keys.
    ///
    /// @param user the key for requests
    /// @param operator the key for reloads
    /// @param bounded a key with a low rate limit
    record Keys(String user, String operator, String bounded) {

        static Keys random() {
            return new Keys(
                    UUID.randomUUID().toString(),
                    UUID.randomUUID().toString(),
                    UUID.randomUUID().toString());
        }

        private List<String> lines() {
            return List.of(
                    "user " + hash(user),
                    "operator " + hash(operator) + " operator",
                    "bounded " + hash(bounded) + " requests=6");
        }

        private static String hash(String key) {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }

    private SoakServer(Process process, Path folder, URI base, Keys keys) {
        this.process = process;
        this.folder = folder;
        this.base = base;
        this.keys = keys;
    }

    /// Starts a server, and waits until it is ready.
    ///
    /// @param launcher the command `saiki`
    /// @param model a checkpoint folder
    /// @param options further options of `saiki serve`
    /// @param folder an empty folder for the server's log and audit
    static SoakServer start(Path launcher, Path model, List<String> options, Path folder)
            throws IOException, InterruptedException {
        Keys keys = Keys.random();
        Files.write(folder.resolve("keys"), keys.lines());
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "serve", "--model", model.toString()));
        command.addAll(List.of("--port", "0", "--admin", "--api-keys", "keys"));
        command.addAll(List.of("--cache-mib", CACHE_MIB));
        command.addAll(options);
        Process process = TestProcess.start(command, builder -> {
                    builder.directory(folder.toFile())
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(folder.resolve("log").toFile());
                    // The whole heap is allocated at the start, so that any growth is a leak.
                    builder.environment().put("SAIKI_JAVA_OPTIONS", "-Xms512m -Xmx512m -XX:+AlwaysPreTouch");
                })
                .process();
        try {
            return new SoakServer(process, folder, address(process, folder), keys);
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI address(Process process, Path folder) throws IOException, InterruptedException {
        for (int second = 0; second < LONGEST_START_SECONDS && process.isAlive(); second++) {
            Matcher serving = SERVING.matcher(Files.readString(folder.resolve("log")));
            if (serving.find()) {
                return URI.create(serving.group(1));
            }
            Thread.sleep(1000);
        }
        throw new IllegalStateException("the server did not start: " + Files.readString(folder.resolve("log")));
    }

    URI base() {
        return base;
    }

    Keys keys() {
        return keys;
    }

    /// Returns the CPU time of the server's process.
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    ProcessStatistics figures() throws IOException {
        return ProcessStatistics.of(process.pid());
    }

    /// Locks the server's audit database for a while.
    ///
    /// @param time the duration of the lock
    void lockAudit(Duration time) throws SQLException, InterruptedException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve(AUDIT));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + LOCK_WAIT_MILLIS);
            statement.execute("BEGIN EXCLUSIVE");
            Thread.sleep(time);
            statement.execute("ROLLBACK");
        }
    }

    /// Ends the server as an orchestrator does.
    ///
    /// @return the problems, one per line, including errors in the server's log
    List<String> end() throws IOException, InterruptedException {
        List<String> problems = new ArrayList<>();
        process.destroy();
        if (!process.waitFor(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
            problems.add("the server did not end within " + LONGEST_END_SECONDS + " s of SIGTERM");
        } else if (process.exitValue() != TERMINATED) {
            problems.add("the server ended with " + process.exitValue());
        }
        Matcher errors = ERROR.matcher(Files.readString(folder.resolve("log")));
        errors.results().forEach(error -> problems.add("the server logged: " + error.group()));
        return problems;
    }

    /// Reads the server's audit after the server has ended.
    List<SoakLedger.Kept> records() throws SQLException {
        List<SoakLedger.Kept> all = new ArrayList<>();
        try (AuditDatabase database =
                AuditDatabase.open(AuditLocation.parse(folder.resolve(AUDIT).toString()))) {
            List<AuditRecord> page = List.of();
            do {
                Optional<String> after = page.isEmpty()
                        ? Optional.empty()
                        : Optional.of(page.getLast().id());
                page = database.find(AuditFilter.ALL.page(after, AuditFilter.MAX_LIMIT));
                page.forEach(record -> all.add(new SoakLedger.Kept(record.requestId(), record.status())));
            } while (!page.isEmpty());
        }
        return all;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
