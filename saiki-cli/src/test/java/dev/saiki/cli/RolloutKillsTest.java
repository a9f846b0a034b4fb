package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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

/// The processes of a rollout, killed one after another at random moments while clients ask, and its
/// database, taken away or locked.
class RolloutKillsTest {

    private static final String PLAN = """
            model: assistant
            database: gateway.db
            listen: {port: %d}
            baseline: {url: "%s", model: small, first_byte: 10s, answer: 30s}
            candidate: {url: "%s", model: small, first_byte: 10s, answer: 30s}
            stages:
              - {state: canary, share: 0.5, conversations: 100000}
            gates:
              - {check: errors, tolerance: 0.95}
            evidence: {pairs: 2, time: 2s}
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

    /// What is hit.
    enum Victim {
        GATEWAY,
        CANDIDATE,
        BASELINE,
        DATABASE_TAKEN_AWAY,
        DATABASE_LOCKED
    }

    @Test
    void threeHitsUnderLoadLoseNothing(TestReporter reporter) throws Exception {
        hits(3, reporter);
    }

    @Test
    @Tag("slow")
    void twentyHitsUnderLoadLoseNothing(TestReporter reporter) throws Exception {
        hits(20, reporter);
    }

    private void hits(int count, TestReporter reporter) throws Exception {
        long seed = Long.getLong("saiki.test.seed", System.nanoTime());
        new RolloutFigures(reporter).add("seed", Long.toString(seed));
        Random random = new Random(seed);
        Path model = Workbench.in(folder).model();
        try (LiveRollout rollout = LiveRollout.start(folder, model, PLAN)) {
            for (String conversation : RolloutClients.kept(KEPT)) {
                homes.put(
                        conversation,
                        rollout.gateway().ask(conversation, "the", false).side());
            }
            assertThat(homes.values()).as("seed %d", seed).contains("baseline", "candidate");
            List<RolloutClients.Asked> all;
            try (RolloutClients clients = RolloutClients.start(rollout, KEPT)) {
                for (Victim victim : victims(count, random)) {
                    clients.awaitMore(10);
                    Thread.sleep(random.nextInt(500));
                    hit(rollout, victim, seed);
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
            evidenceIsWhole(rollout, seed);
            long none = all.stream().filter(one -> one.answer().status() == 0).count();
            long whole = all.stream().filter(one -> one.answer().isWhole()).count();
            new RolloutFigures(reporter)
                    .add(
                            count + " hits",
                            all.size() + " requests, " + whole + " answered, " + none
                                    + " not connected or cut off with the" + " gateway, " + (all.size() - whole - none)
                                    + " told of an error");
        }
    }

    /// The gateway first, and then all in turn, in an order that is drawn anew for each turn.
    private static List<Victim> victims(int count, Random random) {
        List<Victim> victims = new ArrayList<>(List.of(Victim.GATEWAY));
        while (victims.size() < count) {
            List<Victim> turn = new ArrayList<>(Arrays.asList(Victim.values()));
            Collections.shuffle(turn, random);
            victims.addAll(turn);
        }
        return victims.subList(0, count);
    }

    private void hit(LiveRollout rollout, Victim victim, long seed) throws Exception {
        long from = System.nanoTime();
        switch (victim) {
            case GATEWAY -> hitGateway(rollout, seed);
            case CANDIDATE -> rollout.restartCandidate();
            case BASELINE -> rollout.restartBaseline();
            case DATABASE_TAKEN_AWAY -> takeAway(rollout);
            case DATABASE_LOCKED -> lock(rollout);
        }
        awaitDatabase(rollout, "up");
        outages.add(new RolloutClients.Outage(victim.name(), from, System.nanoTime()));
    }

    /// What it said is decided, and what it showed as evidence, is there afterwards.
    private static void hitGateway(LiveRollout rollout, long seed) throws IOException, InterruptedException {
        boolean paused = rollout.gateway().get("/rollout").path("paused").booleanValue();
        String reason = "hit at " + System.nanoTime();
        rollout.gateway().move(paused ? "resume" : "pause", reason);
        long observed = observed(rollout);
        rollout.gateway().kill();
        rollout.startGateway();
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

    private static void takeAway(LiveRollout rollout) throws IOException, InterruptedException {
        Path away = rollout.database().resolveSibling("away.db");
        Files.move(rollout.database(), away);
        awaitDatabase(rollout, "gone");
        assertThat(rollout.gateway().ask("while it is gone", "the", false).side())
                .isEqualTo("baseline");
        Files.move(away, rollout.database());
    }

    private static void lock(LiveRollout rollout) throws SQLException, InterruptedException {
        try (Connection connection = connect(rollout);
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            Thread.sleep(LOCKED);
            statement.execute("ROLLBACK");
        }
    }

    private static Connection connect(LiveRollout rollout) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + rollout.database() + "?busy_timeout=10000");
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

    /// Each request has an answer, or one error at a time when something was down; each conversation was on
    /// its side.
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

    /// The tests have observed each conversation that was compared, and each once.
    private static void evidenceIsWhole(LiveRollout rollout, long seed) throws Exception {
        try (Connection connection = connect(rollout)) {
            for (int time = 0; number(connection, OPEN) > 0; time++) {
                assertThat(time)
                        .as("looks at conversations that stay open, seed %d", seed)
                        .isLessThan(300);
                Thread.sleep(100);
            }
            assertThat(number(connection, COMPARED))
                    .as("seed %d", seed)
                    .isPositive()
                    .isEqualTo(observed(rollout));
            try (Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(found.getString(1)).as("seed %d", seed).isEqualTo("ok");
            }
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(query)) {
            return found.getLong(1);
        }
    }
}
