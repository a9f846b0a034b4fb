package dev.saiki.rollout.course;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.evidence.ExpectedLength;
import dev.saiki.rollout.Plans;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.LatencyCheck;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.course.SimulatedRollout.Conversation;
import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Simulated rollouts through the whole deciding path, in which the truth is known. The course looks after each
/// conversation, or after each {@link #TOGETHER}. The short form has few rollouts a case, the slow one 2,000 and a
/// table in target/rollout-path.txt; the expectations are those of `studies/gateway-faults`.
class RolloutPathSimulationTest {

    private static final long SEED = 20261130;
    private static final double ERROR = 0.05;

    /// The conversations between two looks where a look after each would take hours.
    private static final int TOGETHER = 20;

    private static final Duration OFTEN = Duration.ofMillis(5);
    private static final Duration SOON = Duration.ofMillis(10);

    private static final Outcome RIGHT = answer("right");
    private static final Outcome WRONG = answer("wrong");
    private static final Outcome FAILED = new Outcome.Failed(Fault.TORN, "the connection was lost", SOON, SOON);

    private Path folder = Path.of("");
    private int databases;

    /// The source of a rollout's conversations.
    private interface Traffic {
        Conversation next(long place, Random random);
    }

    private static Outcome answer(String text) {
        return new Outcome.Answered(false, false, text, "", 3, 2, SOON, SOON, Optional.empty());
    }

    private static Outcome rightUnless(boolean isWrong) {
        return isWrong ? WRONG : RIGHT;
    }

    /// Where there is a file system in memory, databases are there: a commit then waits for no disk.
    @BeforeEach
    void make() throws IOException {
        Path memory = Path.of("/dev/shm");
        folder = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "rollouts")
                : Files.createTempDirectory("rollouts");
    }

    @AfterEach
    void remove() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static List<RolloutGate> gates(double tolerance) {
        return List.of(
                new RolloutGate("errors", new ErrorCheck(true, true), tolerance, true, true),
                new RolloutGate("slow", new LatencyCheck(Duration.ofMillis(300), true), tolerance, true, true),
                new RolloutGate("right", new RegexCheck(Pattern.compile("right")), tolerance, true, true),
                new RolloutGate("departures", new DepartureCheck(), tolerance, true, true));
    }

    private GatewayPlan plan(double tolerance, RolloutState... states) {
        Plans plans = Plans.anywhere().gates(gates(tolerance));
        for (RolloutState state : states) {
            plans.stage(state, 1);
        }
        return plans.in(folder);
    }

    /// How a rollout went.
    ///
    /// @param state its last state
    /// @param conversations the number until the first decision, or until the traffic ended
    /// @param reason the reason of that decision
    private record Course(RolloutState state, long conversations, String reason) {}

    /// What a rollout is used for.
    private interface Use<T> {
        T of(SimulatedRollout rollout) throws SQLException;
    }

    private <T> T with(GatewayPlan plan, Duration pause, Use<T> use) throws SQLException, IOException {
        for (String suffix : List.of("", "-wal", "-shm", "-journal", ".lock")) {
            Files.deleteIfExists(folder.resolve("rollout.db" + suffix));
        }
        databases++;
        try (SimulatedRollout rollout = new SimulatedRollout(plan, pause)) {
            return use.of(rollout);
        }
    }

    /// Lets a rollout have its traffic until its first decision.
    private static Course untilDecided(
            SimulatedRollout rollout, Traffic traffic, long most, int together, Random random) throws SQLException {
        RolloutState begun = rollout.state();
        while (rollout.state() == begun && rollout.conversations() < most) {
            for (int i = 0; i < together; i++) {
                rollout.add(traffic.next(rollout.conversations(), random));
            }
            rollout.look();
        }
        return new Course(rollout.state(), rollout.conversations(), rollout.reason());
    }

    private List<Course> courses(GatewayPlan plan, Traffic traffic, int rollouts, long most, int together)
            throws SQLException, IOException {
        Random random = new Random(SEED);
        List<Course> courses = new ArrayList<>();
        for (int i = 0; i < rollouts; i++) {
            courses.add(with(plan, OFTEN, rollout -> untilDecided(rollout, traffic, most, together, random)));
        }
        return courses;
    }

    private static double share(List<Course> courses, RolloutState state) {
        return (double) courses.stream().filter(one -> one.state() == state).count() / courses.size();
    }

    private static long median(List<Course> courses) {
        long[] sorted =
                courses.stream().mapToLong(Course::conversations).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static double most(int rollouts) {
        return ERROR + 3 * Math.sqrt(ERROR * (1 - ERROR) / rollouts);
    }

    private static String row(String what, String measured, String expected) {
        return String.format(Locale.ROOT, "%-80s %12s  expected %s%n", what, measured, expected);
    }

    /// A candidate that is exactly as bad as tolerated must pass in none of its attempts, except by the promised
    /// chance.
    private String falsePromotions(int rollouts, long conversations) throws SQLException, IOException {
        Random random = new Random(SEED);
        GatewayPlan plan = plan(0.1, RolloutState.SHADOW, RolloutState.FULL);
        int promoted = 0;
        for (int i = 0; i < rollouts; i++) {
            promoted +=
                    with(plan, OFTEN, rollout -> isPromotedWithinTenAttempts(rollout, conversations, random)) ? 1 : 0;
        }
        double share = (double) promoted / rollouts;
        assertThat(share).isLessThanOrEqualTo(most(rollouts));
        return row("promoted within ten attempts, as bad as tolerated", share + "", "at most " + most(rollouts));
    }

    private static boolean isPromotedWithinTenAttempts(SimulatedRollout rollout, long conversations, Random random)
            throws SQLException {
        Traffic traffic = (_, chance) -> new Conversation(RIGHT, rightUnless(chance.nextDouble() < 0.1), List.of());
        for (int attempt = 1; attempt <= 10; attempt++) {
            untilDecided(rollout, traffic, rollout.conversations() + conversations, TOGETHER, random);
            switch (rollout.state()) {
                case FULL -> {
                    return true;
                }
                case ABORTED -> rollout.resume();
                default -> rollout.beginAgain();
            }
        }
        return false;
    }

    private static List<String> traits(Random random) {
        return List.of(
                "script=" + (random.nextDouble() < 0.04 ? "japanese" : "latin"), "stream=" + random.nextBoolean());
    }

    /// Good candidates are promoted once a slice of 4 % has its 22 conversations, or once the gates are cleared.
    private String goodCandidates(int rollouts) throws SQLException, IOException {
        StringBuilder table = new StringBuilder();
        GatewayPlan plan = plan(0.1, RolloutState.SHADOW, RolloutState.FULL);
        for (double better : new double[] {0, 0.02}) {
            Traffic traffic = (_, random) -> new Conversation(
                    rightUnless(random.nextDouble() < 0.01 + better),
                    rightUnless(random.nextDouble() < 0.01),
                    traits(random));
            List<Course> courses = courses(plan, traffic, rollouts, 20_000, TOGETHER);
            assertThat(share(courses, RolloutState.FULL)).isGreaterThanOrEqualTo(1 - most(rollouts));
            int own = ExpectedLength.untilCleared(
                            plan.gates().getFirst().measure().inSlice(0.25), 0.025, 0.02 + better)
                    .median()
                    .orElseThrow();
            long expected = Math.round(own / 0.04);
            assertThat(median(courses)).isBetween(expected * 3 / 4, expected * 3 / 2);
            table.append(row(
                    "promoted, better by " + better,
                    share(courses, RolloutState.FULL) + " at " + median(courses),
                    "1.0 at " + expected));
        }
        return table.toString();
    }

    private String faultAfterAGoodTime(double tolerance, int good, int rollouts) throws SQLException, IOException {
        GatewayPlan plan = plan(tolerance, RolloutState.FULL);
        Traffic traffic = (place, random) -> new Conversation(RIGHT, place < good ? RIGHT : FAILED, traits(random));
        List<Course> courses = courses(plan, traffic, rollouts, good + 1_000, 1);
        int expected = ExpectedLength.untilRetreat(plan.gates().getFirst().measure(), plan.retreatRule(), 1)
                .median()
                .orElseThrow();
        long found = median(courses) - good;
        assertThat(share(courses, RolloutState.ABORTED)).isOne();
        assertThat(found).isPositive().isLessThanOrEqualTo(expected);
        return row(
                "conversations until total failure is found after " + good + " good ones, tolerance " + tolerance,
                found + "",
                "at most " + expected);
    }

    private String badSlice(int rollouts) throws SQLException, IOException {
        Traffic traffic = (_, random) -> {
            List<String> traits = traits(random);
            return new Conversation(RIGHT, rightUnless(traits.contains("script=japanese")), traits);
        };
        GatewayPlan plan = plan(0.1, RolloutState.SHADOW, RolloutState.FULL);
        List<Course> courses = courses(plan, traffic, rollouts, 20_000, TOGETHER);
        assertThat(share(courses, RolloutState.ABORTED)).isOne();
        assertThat(courses).allMatch(one -> one.reason().startsWith("gate right, slice script=japanese"));
        assertThat(median(courses)).isBetween(1_000L, 1_500L);
        return row("conversations until a slice of 4 % that is always wrong is found", median(courses) + "", "1,250");
    }

    /// All slices are exactly as bad as tolerated, for a thousand conversations.
    private String manySlices(int rollouts) throws SQLException, IOException {
        Traffic traffic = (_, random) -> {
            List<String> traits = new ArrayList<>();
            for (int kind = 0; kind < 7; kind++) {
                traits.add("kind" + kind + "=" + random.nextInt(7));
            }
            return new Conversation(RIGHT, rightUnless(random.nextDouble() < 0.25), traits);
        };
        List<Course> courses = courses(plan(0.25, RolloutState.FULL), traffic, rollouts, 1_000, TOGETHER);
        double share = share(courses, RolloutState.ABORTED);
        assertThat(share).isLessThanOrEqualTo(most(rollouts));
        return row("retreats, 50 slices as bad as tolerated", share + "", "at most " + most(rollouts));
    }

    private String equalForDays(int rollouts, int days) throws SQLException, IOException {
        Random random = new Random(SEED);
        Traffic traffic = (_, chance) -> new Conversation(
                rightUnless(chance.nextDouble() < 0.05), rightUnless(chance.nextDouble() < 0.05), traits(chance));
        Duration pause = Duration.ofDays(1).dividedBy(10_000);
        int retreats = 0;
        for (int i = 0; i < rollouts; i++) {
            Course course = with(
                    plan(0.02, RolloutState.FULL),
                    pause,
                    rollout -> untilDecided(rollout, traffic, days * 10_000L, 1, random));
            retreats += course.state() == RolloutState.FULL ? 0 : 1;
        }
        assertThat(retreats).isZero();
        return row("retreats from equal candidates, rollouts of " + days + " days", retreats + "", "0");
    }

    @Test
    void theWholePathKeepsItsPromises() throws Exception {
        assertThat(String.join(
                        "",
                        falsePromotions(2, 200),
                        goodCandidates(1),
                        faultAfterAGoodTime(0.1, 200, 1),
                        badSlice(1),
                        manySlices(1)))
                .hasLineCount(6);
    }

    @Test
    @Tag("slow")
    void twoThousandRollouts() throws Exception {
        Path table = Path.of("target", "rollout-path.txt");
        Files.writeString(table, "");
        for (Part part : Arrays.<Part>asList(
                () -> falsePromotions(2_000, 300),
                () -> manySlices(2_000),
                () -> badSlice(2_000),
                () -> goodCandidates(2_000),
                () -> faultAfterAGoodTime(0.02, 10_000, 3),
                () -> faultAfterAGoodTime(0.1, 10_000, 3),
                () -> equalForDays(1, 30))) {
            long since = System.nanoTime();
            int before = databases;
            String rows = part.run();
            Duration time = Duration.ofNanos(System.nanoTime() - since);
            Files.writeString(
                    table,
                    Files.readString(table) + rows + "  " + (databases - before) + " rollouts in " + time + "\n");
        }
    }

    /// A part of the simulation.
    private interface Part {
        String run() throws Exception;
    }
}
