package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The processes of a rollout are killed one after another at random moments while clients send requests. The
/// database is hit too: a PostgreSQL server is killed, a SQLite file is removed or locked.
class RolloutKillsTest {

    /// Nothing is ejected: after an outage of the candidate its conversations return to it at once.
    private static final String PLAN = """
            model: assistant
            database: %s
            listen: {port: %d}
            baseline: {url: "%s", model: small, first_byte: 30s, answer: 45s}
            candidate: {url: "%s", model: small, first_byte: 30s, answer: 45s}
            stages:
              - {state: canary, share: 0.5, conversations: 100000}
            gates:
              - {check: errors, tolerance: 0.95}
            evidence: {time: 90s}
            fallback: {failures: 1000000}
            """;

    private static final String OPEN = "SELECT count(*) FROM rollout_conversation WHERE entered = 0";
    private static final String COMPARED = "SELECT count(DISTINCT conversation) FROM rollout_pair"
            + " WHERE json LIKE '%\"errors\"%' AND run = (SELECT max(run) FROM rollout_pair)";
    private static final int KEPT = 20;
    private static final Duration LOCKED = Duration.ofSeconds(3);

    @TempDir
    private Path folder;

    private final List<RolloutClients.Outage> outages = new ArrayList<>();
    private final Map<String, String> homes = new HashMap<>();

    /// The part that is hit.
    enum Victim {
        GATEWAY,
        CANDIDATE,
        BASELINE,
        DATABASE_KILLED,
        DATABASE_TAKEN_AWAY,
        DATABASE_LOCKED
    }

    private static final List<Victim> WITH_POSTGRES =
            List.of(Victim.GATEWAY, Victim.CANDIDATE, Victim.BASELINE, Victim.DATABASE_KILLED);
    private static final List<Victim> WITH_SQLITE = List.of(
            Victim.GATEWAY, Victim.CANDIDATE, Victim.BASELINE, Victim.DATABASE_TAKEN_AWAY, Victim.DATABASE_LOCKED);

    @Test
    void threeHitsUnderLoadLoseNothing(TestReporter reporter) throws Exception {
        hits(3, WITH_SQLITE, new DatabaseUnderTest.SqliteFile(folder.resolve("gateway.db")), reporter);
    }

    @Test
    @Tag("slow")
    void twentyHitsUnderLoadLoseNothing(TestReporter reporter) throws Exception {
        hits(20, WITH_SQLITE, new DatabaseUnderTest.SqliteFile(folder.resolve("gateway.db")), reporter);
    }

    @Test
    @Tag("slow")
    void twentyKillsUnderLoadLoseNothingOfPostgresEither(TestReporter reporter) throws Exception {
        try (DatabaseUnderTest postgres = DatabaseUnderTest.Postgres.in(folder.resolve("postgres"))) {
            hits(20, WITH_POSTGRES, postgres, reporter);
        }
    }

    private void hits(int count, List<Victim> kinds, DatabaseUnderTest database, TestReporter reporter)
            throws Exception {
        long seed = Long.getLong("saiki.test.seed", System.nanoTime());
        new RolloutFigures(reporter).add("seed", Long.toString(seed));
        Random random = new Random(seed);
        Path model = Workbench.in(folder).model();
        try (LiveRollout rollout = LiveRollout.start(folder, model, PLAN, database.inPlan())) {
            for (String conversation : RolloutClients.kept(KEPT)) {
                homes.put(
                        conversation,
                        rollout.gateway().ask(conversation, "the", false).side());
            }
            assertThat(homes.values()).as("seed %d", seed).contains("baseline", "candidate");
            List<RolloutClients.Asked> all;
            try (RolloutClients clients = RolloutClients.start(rollout, KEPT)) {
                for (Victim victim : victims(count, kinds, random)) {
                    clients.awaitMore(10);
                    Thread.sleep(random.nextInt(500));
                    hit(rollout, victim, database, seed);
                }
                clients.awaitMore(50);
                all = clients.stop();
            }
            check(all, seed);
            for (String conversation : RolloutClients.kept(KEPT)) {
                assertThat(rollout.gateway().ask(conversation, "the", true).side())
                        .as("%s, seed %d", conversation, seed)
                        .isEqualTo(homes.get(conversation));
            }
            rollout.gateway().kill();
            rollout.startGateway();
            evidenceIsWhole(rollout, database, seed);
            long none = all.stream().filter(one -> one.answer().status() == 0).count();
            long whole = all.stream().filter(one -> one.answer().isWhole()).count();
            new RolloutFigures(reporter)
                    .add(
                            count + " hits of " + kinds,
                            all.size() + " requests, " + whole + " answered, " + none
                                    + " not connected or cut off with the" + " gateway, " + (all.size() - whole - none)
                                    + " told of an error");
        }
    }

    /// The gateway first, then all parts in turn, in an order drawn anew for each turn.
    private static List<Victim> victims(int count, List<Victim> kinds, Random random) {
        List<Victim> victims = new ArrayList<>(List.of(Victim.GATEWAY));
        while (victims.size() < count) {
            List<Victim> turn = new ArrayList<>(kinds);
            Collections.shuffle(turn, random);
            victims.addAll(turn);
        }
        return victims.subList(0, count);
    }

    private void hit(LiveRollout rollout, Victim victim, DatabaseUnderTest database, long seed) throws Exception {
        long from = System.nanoTime();
        switch (victim) {
            case GATEWAY ->
                keepsItsWord(rollout, seed, () -> {
                    rollout.gateway().kill();
                    rollout.startGateway();
                });
            case CANDIDATE -> rollout.restartCandidate();
            case BASELINE -> rollout.restartBaseline();
            case DATABASE_KILLED -> keepsItsWord(rollout, seed, () -> kill(rollout, database));
            case DATABASE_TAKEN_AWAY -> takeAway(rollout, database);
            case DATABASE_LOCKED -> lock(database);
        }
        awaitDatabase(rollout, "up");
        outages.add(new RolloutClients.Outage(victim.name(), from, System.nanoTime()));
    }

    /// A kill of a process and its restart.
    private interface Restart {
        void run() throws Exception;
    }

    /// Decisions and evidence that the gateway showed before the kill still exist afterwards.
    private static void keepsItsWord(LiveRollout rollout, long seed, Restart restart) throws Exception {
        boolean paused = rollout.gateway().get("/rollout").path("paused").booleanValue();
        String reason = "hit at " + System.nanoTime();
        rollout.gateway().move(paused ? "resume" : "pause", reason);
        long observed = observed(rollout);
        restart.run();
        awaitDatabase(rollout, "up");
        JsonNode status = rollout.gateway().get("/rollout");
        assertThat(status.path("state").stringValue()).as("seed %d", seed).isEqualTo("canary");
        assertThat(status.path("paused").booleanValue()).as("seed %d", seed).isNotEqualTo(paused);
        assertThat(rollout.gateway().lastDecision().path("reason").stringValue())
                .as("seed %d", seed)
                .isEqualTo(reason);
        assertThat(observed(rollout)).as("seed %d", seed).isGreaterThanOrEqualTo(observed);
    }

    private static long observed(LiveRollout rollout) throws IOException, InterruptedException {
        return rollout.gateway().get("/rollout").at("/evidence/0/observed").longValue();
    }

    private static void kill(LiveRollout rollout, DatabaseUnderTest database) throws Exception {
        if (!(database instanceof DatabaseUnderTest.Postgres server)) {
            throw new IllegalStateException("no process to be killed");
        }
        server.kill();
        theBaselineAnswersMeanwhile(rollout);
        server.startAgain();
    }

    private static void takeAway(LiveRollout rollout, DatabaseUnderTest database) throws Exception {
        if (!(database instanceof DatabaseUnderTest.SqliteFile sqlite)) {
            throw new IllegalStateException("no file to be taken away");
        }
        Path away = sqlite.file().resolveSibling("away.db");
        Files.move(sqlite.file(), away);
        theBaselineAnswersMeanwhile(rollout);
        Files.move(away, sqlite.file());
    }

    private static void theBaselineAnswersMeanwhile(LiveRollout rollout) throws IOException, InterruptedException {
        awaitDatabase(rollout, "gone");
        assertThat(rollout.gateway().ask("while it is gone", "the", false).side())
                .isEqualTo("baseline");
    }

    private static void lock(DatabaseUnderTest database) throws SQLException, InterruptedException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            Thread.sleep(LOCKED);
            statement.execute("ROLLBACK");
        }
    }

    private static void awaitDatabase(LiveRollout rollout, String word) throws IOException, InterruptedException {
        for (int time = 0;
                !rollout.gateway()
                        .get("/health")
                        .path("database")
                        .stringValue("")
                        .equals(word);
                time++) {
            assertThat(time).as("looks at a database that is to be %s", word).isLessThan(300);
            Thread.sleep(50);
        }
    }

    /// Each request has an answer, or one error during an outage; each conversation stayed on its side.
    private void check(List<RolloutClients.Asked> all, long seed) {
        for (RolloutClients.Asked asked : all) {
            List<String> down = outages.stream()
                    .filter(asked::overlaps)
                    .map(RolloutClients.Outage::of)
                    .toList();
            String what = asked + " while " + down + " was down, seed " + seed;
            if (!asked.answer().isWhole()) {
                assertThat(down).as(what).containsAnyOf("GATEWAY", "BASELINE", "CANDIDATE");
                assertThat(asked.answer().isClearError() || down.contains("GATEWAY"))
                        .as(what)
                        .isTrue();
            } else if (homes.containsKey(asked.conversation()) && !down.contains("CANDIDATE") && noDatabase(down)) {
                assertThat(asked.answer().side()).as(what).isEqualTo(homes.get(asked.conversation()));
            }
        }
    }

    private static boolean noDatabase(List<String> down) {
        return down.stream().noneMatch(of -> of.startsWith("DATABASE"));
    }

    /// The tests have observed each compared conversation exactly once. Comparisons after the plan's time limit
    /// do not count, so the limit must be long on a busy machine.
    private static void evidenceIsWhole(LiveRollout rollout, DatabaseUnderTest database, long seed) throws Exception {
        try (Connection connection = database.connect()) {
            for (int time = 0; number(connection, OPEN) > 0; time++) {
                assertThat(time)
                        .as("looks at conversations that stay open, seed %d", seed)
                        .isLessThan(600);
                Thread.sleep(100);
            }
            assertThat(number(connection, COMPARED))
                    .as("seed %d", seed)
                    .isPositive()
                    .isEqualTo(observed(rollout));
        }
        database.requireWhole();
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(query)) {
            found.next();
            return found.getLong(1);
        }
    }
}
