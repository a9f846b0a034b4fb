package dev.saiki.rollout.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Json;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.io.InputException;
import dev.saiki.rollout.PostgresServer;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.journal.StoredPairs;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.CandidateFields;
import dev.saiki.rollout.plan.DatabaseLocation;
import dev.saiki.rollout.plan.EvidenceSettings;
import dev.saiki.rollout.plan.FallbackRules;
import dev.saiki.rollout.plan.ForwardedRoute;
import dev.saiki.rollout.plan.GatewayAccess;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.PairRetention;
import dev.saiki.rollout.plan.PlannedSlice;
import dev.saiki.rollout.plan.PromotionHours;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.rollout.plan.TrafficLimits;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The same tests with a SQLite file, which two courses share through one connection, and with a running
/// PostgreSQL, to which each course has its own connection.
class RolloutCourseTest {

    private static final Map<String, Sides> GOOD = Map.of("errors", new Sides(0, 0));
    private static final Map<String, Sides> BAD = Map.of("errors", new Sides(0, 1));
    private static final Instant START = Instant.parse("2026-11-28T08:00:00Z");
    private static final PairRetention RETENTION = new PairRetention(Duration.ofDays(30), 1000);

    private static final CandidateFields FIELDS = new CandidateFields(Map.of(), Map.of());

    private static final PlannedSlice BILLING = new PlannedSlice(
            "billing", Optional.of(Pattern.compile("invoice")), new TreeMap<>(), OptionalDouble.of(0.4));

    private static GatewayPlan plan(DatabaseLocation location, double tolerance) {
        return plan(location, tolerance, FIELDS);
    }

    private static GatewayPlan plan(DatabaseLocation location, double tolerance, CandidateFields fields) {
        return plan(location, tolerance, fields, OperationSettings.NONE);
    }

    /// Ten seconds for a pair.
    private static GatewayPlan plan(
            DatabaseLocation location, double tolerance, CandidateFields fields, OperationSettings operations) {
        ModelEndpoint endpoint = new ModelEndpoint(
                URI.create("http://localhost/v1"),
                "m",
                Optional.empty(),
                ModelEndpoint.DEFAULT_FIRST_BYTE,
                ModelEndpoint.DEFAULT_PAUSE,
                Duration.ofSeconds(5));
        return new GatewayPlan(
                "assistant",
                endpoint,
                endpoint,
                fields,
                List.of(
                        new Stage(RolloutState.SHADOW, 1, 1, Duration.ZERO, 0),
                        new Stage(RolloutState.CANARY, 1, 1, Duration.ZERO, 0),
                        new Stage(RolloutState.CERTIFIED, 1, 1, Duration.ZERO, 0),
                        new Stage(RolloutState.RETIRED, 1, 1, Duration.ZERO, 0)),
                List.of(
                        new RolloutGate("errors", new ErrorCheck(true, true), tolerance, true, true),
                        new RolloutGate("users", new FeedbackCheck(), 0.1, true, false)),
                new EvidenceSettings(
                        0.05, 0.05, 0.25, List.of(BILLING), Duration.ofSeconds(10), false, Optional.empty()),
                TrafficLimits.DEFAULT,
                FallbackRules.DEFAULT,
                new GatewayAccess(
                        new ListenOptions("localhost", 0, ConnectionLimits.DEFAULT, Optional.empty()),
                        ForwardedRoute.DEFAULTS,
                        Optional.empty(),
                        Set.of(),
                        Set.of(),
                        true,
                        RETENTION),
                operations,
                location);
    }

    abstract static class AnyDatabase {

        private Instant now = START;
        private final Clock ticking = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
        private DatabaseLocation location = new DatabaseLocation.SqliteFile(Path.of(""));
        private Journal firstDatabase;
        private Journal secondDatabase;
        private RolloutCourse first;
        private RolloutCourse second;

        abstract DatabaseLocation freshLocation() throws SQLException;

        abstract Journal another(DatabaseLocation location, Journal there);

        @BeforeEach
        void open() throws SQLException {
            location = freshLocation();
            firstDatabase = Journal.open(location);
            secondDatabase = another(location, firstDatabase);
            first = opened(plan(location, 0.1), ticking, firstDatabase);
            second = opened(plan(location, 0.1), ticking, secondDatabase);
        }

        @AfterEach
        void close() {
            firstDatabase.close();
            if (!secondDatabase.equals(firstDatabase)) {
                secondDatabase.close();
            }
        }

        private static RolloutCourse opened(GatewayPlan plan, Clock clock, Journal database) throws SQLException {
            RolloutCourse course =
                    new RolloutCourse(plan, clock, database, new Notifier("assistant", List.of(), Notifier.PAUSE));
            course.begin();
            return course;
        }

        private RolloutEvent assigned(String conversation) {
            return assigned(conversation, Side.CANDIDATE);
        }

        private RolloutEvent assigned(String conversation, Side owing, String... traits) {
            return new RolloutEvent.Assigned(
                    first.position().run(), conversation, true, "", owing, List.of(traits), now);
        }

        private RolloutEvent compared(String conversation, Map<String, Sides> observed) {
            Outcome outcome = new Outcome.Failed(Fault.FAILED, "on purpose", Duration.ZERO, Duration.ZERO);
            return new RolloutEvent.Compared(new FinishedPair(
                    first.position().run(),
                    conversation,
                    new Subject("ann", ""),
                    RequestKind.CHAT,
                    now,
                    new Pair("a text with \0 in it", outcome, outcome),
                    observed));
        }

        private static long observed(RolloutCourse course) {
            return course.view().evidence().path(0).path("observed").asLong(0);
        }

        private static double worse(RolloutCourse course) {
            return course.view().evidence().path(0).path("log_retreat").asDouble(0);
        }

        @Test
        void conversationsEnterInTheOrderInWhichTheyWereAssignedByAnyGateway() throws SQLException {
            first.round(List.of(assigned("first")));
            second.round(List.of(assigned("second"), compared("second", BAD)));
            assertThat(observed(second)).isZero();
            first.round(List.of(compared("first", GOOD)));
            assertThat(observed(first)).isEqualTo(2);
            second.round(List.of());
            assertThat(second.view().evidence()).isEqualTo(first.view().evidence());
        }

        @Test
        void aRetreatCountsNoConversationsBeyondThoseThatAreEnough() throws SQLException {
            List<RolloutEvent> all = new ArrayList<>();
            for (int number = 0; number < 400; number++) {
                all.add(assigned("c" + number));
                all.add(compared("c" + number, BAD));
            }
            first.round(all);
            assertThat(first.position().state()).isEqualTo(RolloutState.ABORTED);
            assertThat(firstDatabase
                            .decisions(1)
                            .path(0)
                            .path("evidence")
                            .path(0)
                            .path("observed")
                            .asLong(0))
                    .isBetween(20L, 40L);
        }

        @Test
        void whatTheCandidateOwesAtItsLimitCountsAsTheWorstAnswer() throws SQLException {
            first.round(List.of(assigned("hangs"), assigned("second"), compared("second", GOOD)));
            now = START.plusMillis(9_999);
            first.round(List.of());
            assertThat(observed(first)).isZero();
            now = START.plusMillis(10_000);
            first.round(List.of());
            assertThat(observed(first)).isEqualTo(2);
            assertThat(candidateLoss(first)).isEqualTo(0.5);
        }

        @Test
        void aFailureOfTheCandidateCountsThoughTheBaselineIsAskedLate() throws SQLException {
            first.round(List.of(assigned("failed", Side.BASELINE), assigned("second"), compared("second", GOOD)));
            now = START.plusSeconds(20);
            first.round(List.of());
            assertThat(observed(first)).isZero();
            first.round(List.of(compared("failed", BAD)));
            assertThat(observed(first)).isEqualTo(2);
            assertThat(candidateLoss(first)).isEqualTo(0.5);
        }

        @Test
        void whatTheBaselineOwesAtItsLimitIsHeldAgainstNobody() throws SQLException {
            first.round(List.of(assigned("hangs", Side.BASELINE), assigned("second"), compared("second", GOOD)));
            // Ten seconds for the pair, and eight times five until 256 queued requests have been sent by 32 workers.
            now = START.plusMillis(50_000);
            first.round(List.of());
            assertThat(observed(first)).isOne();
            assertThat(candidateLoss(first)).isZero();
        }

        @Test
        void whatIsWithdrawnOrOwedToAGatewayThatStoppedIsHeldAgainstNobody() throws SQLException {
            first.round(List.of(
                    assigned("withdrawn"),
                    new RolloutEvent.Withdrawn(first.position().run(), "withdrawn")));
            first.round(List.of(assigned("owed"), assigned("second"), compared("second", GOOD)));
            first.end();
            second.round(List.of());
            assertThat(observed(second)).isOne();
            assertThat(candidateLoss(second)).isZero();
        }

        @Test
        void aGatewayThatIsKilledIsWaitedForUntilItIsKnownToHaveStopped() throws SQLException {
            first.round(List.of(assigned("owed"), assigned("second"), compared("second", GOOD)));
            second.round(List.of());
            now = START.plusSeconds(20);
            second.round(List.of());
            assertThat(observed(second)).isZero();
            now = START.plusSeconds(31);
            second.round(List.of());
            assertThat(observed(second)).isOne();
            assertThat(candidateLoss(second)).isZero();
        }

        @Test
        void aGatewayThatLostEventsBlamesNobodyForThem() throws SQLException {
            first.round(List.of(assigned("lost")));
            first.disownOpenConversations();
            first.round(List.of());
            now = START.plusSeconds(31);
            first.round(List.of());
            assertThat(observed(first)).isZero();
            assertThat(firstDatabase.firstOpen(first.position().run(), 10)).isEmpty();
        }

        @Test
        void clocksNeedNotAgree() throws SQLException {
            RolloutCourse ahead =
                    opened(plan(location, 0.1), Clock.offset(ticking, Duration.ofMinutes(1)), secondDatabase);
            first.round(List.of(assigned("owed"), assigned("second"), compared("second", GOOD)));
            ahead.round(List.of());
            now = START.plusSeconds(9);
            first.round(List.of());
            ahead.round(List.of());
            assertThat(observed(ahead)).isZero();
            now = START.plusSeconds(15);
            first.round(List.of());
            assertThat(observed(first)).isEqualTo(2);
            assertThat(candidateLoss(first)).isEqualTo(0.5);
        }

        @Test
        void outsideTheHoursNothingMovesForwardButRetreatsAreNotDelayed() throws SQLException {
            PromotionHours hours = PromotionHours.of(ZoneOffset.UTC, "Mon-Fri 09:00-17:00");
            OperationSettings operations = new OperationSettings(List.of(), Optional.of(hours), List.of());
            first = opened(plan(location, 0.1, FIELDS, operations), ticking, firstDatabase);
            serve(350, GOOD);
            String reason = "the hours for promotions (Mon-Fri 09:00-17:00 Z), which begin at 2026-11-30T09:00Z";
            assertThat(first.view().awaited()).containsExactly(reason);
            long run = first.position().run();
            assertThatThrownBy(() -> first.promote(run, "ann", "a test", false))
                    .isInstanceOf(InputException.class)
                    .hasMessage("the rollout waits for " + reason + "; wait, or use force");
            now = Instant.parse("2026-11-30T09:00:00Z");
            first.round(List.of());
            assertThat(first.view().mayPromote()).isTrue();
            now = START;
            first.promote(run, "ann", "a test", true);
            assertThat(first.position().state()).isEqualTo(RolloutState.CANARY);
            for (int number = 0; number < 100; number++) {
                first.round(List.of(assigned("b" + number), compared("b" + number, BAD)));
            }
            assertThat(first.position().aborted()).isTrue();
        }

        /// Every third conversation is bad.
        private int untilRetreat(List<RolloutCourse> courses) throws SQLException {
            int number = 0;
            while (!first.position().aborted()) {
                String key = first.position().run() + "-" + number;
                courses.get(number % courses.size())
                        .round(List.of(assigned(key), compared(key, number % 3 == 0 ? BAD : GOOD)));
                first.round(List.of());
                number++;
            }
            return number;
        }

        @Test
        void gatewaysWithClocksAMinuteApartDecideAsOneDoesThoughAnotherIsKilled() throws SQLException {
            int alone = untilRetreat(List.of(first));
            assertThat(alone).isGreaterThan(50);
            first.promote(first.position().run(), "ann", "another attempt", false);
            GatewayPlan plan = plan(location, 0.1);
            RolloutCourse ahead = opened(plan, Clock.offset(ticking, Duration.ofMinutes(1)), secondDatabase);
            RolloutCourse killed = opened(plan, Clock.offset(ticking, Duration.ofMinutes(-1)), secondDatabase);
            killed.round(List.of(assigned("owed")));
            first.round(List.of());
            now = now.plusSeconds(31);
            first.round(List.of());
            assertThat(untilRetreat(List.of(first, ahead))).isEqualTo(alone);
            ahead.round(List.of());
            assertThat(ahead.position()).isEqualTo(first.position());
        }

        private static double candidateLoss(RolloutCourse course) {
            return course.view()
                    .evidence()
                    .path(0)
                    .path("figures")
                    .path("candidate")
                    .asDouble(-1);
        }

        @Test
        void aConversationCountsOnceAndByItsFirstPairThoughTwoGatewaysHavePairs() throws SQLException {
            first.round(List.of(assigned("waits"), assigned("twice"), compared("twice", BAD)));
            second.round(List.of(assigned("twice"), compared("twice", GOOD)));
            second.round(List.of(compared("waits", GOOD)));
            assertThat(observed(second)).isEqualTo(2);
            assertThat(candidateLoss(second)).isEqualTo(0.5);
            second.round(List.of(assigned("twice"), compared("twice", BAD)));
            assertThat(observed(second)).isEqualTo(2);
        }

        @Test
        void aLaterTurnCountsInItsSliceOnly() throws SQLException {
            RolloutEvent later = new RolloutEvent.Assigned(
                    first.position().run(), "a-later", false, "", Side.CANDIDATE, List.of(TrafficSlices.LATER), now);
            first.round(List.of(assigned("a"), compared("a", GOOD), later, compared("a-later", BAD)));
            assertThat(observed(first)).isOne();
            JsonNode slice = slice(first, TrafficSlices.LATER);
            assertThat(slice.path("observed").asLong(0)).isOne();
            assertThat(slice.path("log_retreat").asDouble(0)).isPositive();
            assertThat(worse(first)).isZero();
        }

        private static JsonNode slice(RolloutCourse course, String slice) {
            return course.view()
                    .evidence()
                    .valueStream()
                    .filter(test -> test.path("slice").asString("").equals(slice))
                    .findFirst()
                    .orElseGet(Json::object);
        }

        /// Conversations of which every tenth is of tenant `small`.
        private void serve(int count, Map<String, Sides> ofSmall) throws SQLException {
            for (int number = 0; number < count && !first.position().aborted(); number++) {
                boolean isSmall = number % 10 == 0;
                String key = first.position().run() + "-" + served++;
                first.round(List.of(
                        assigned(key, Side.CANDIDATE, "tenant=" + (isSmall ? "small" : "large")),
                        compared(key, isSmall ? ofSmall : GOOD)));
            }
        }

        private int served;

        @Test
        void aPromotionWaitsUntilTheSlicesAreKnownAndClearedToo() throws SQLException {
            serve(200, GOOD);
            assertThat(first.view().awaited())
                    .containsExactly(
                            "gate errors, slice tenant=small",
                            "50 more conversations, until the slices of the traffic are known");
            serve(60, GOOD);
            assertThat(first.view().awaited()).containsExactly("gate errors, slice tenant=small");
            serve(90, GOOD);
            assertThat(first.view().awaited()).isEmpty();
            assertThat(first.view().mayPromote()).isTrue();
        }

        @Test
        void aSliceThatIsAlwaysWorseMakesItRetreatThoughAllTogetherAreWithinTheTolerance() throws SQLException {
            serve(1_000, BAD);
            assertThat(first.position().aborted()).isTrue();
            assertThat(firstDatabase.decisions(1).path(0).path("reason").asString(""))
                    .contains("gate errors, slice tenant=small");
            assertThat(served).isBetween(400, 700);
        }

        @Test
        void aSliceOfThePlanIsTestedFromItsFirstConversationOnWithItsOwnTolerance() throws SQLException {
            first.round(List.of(assigned("a", Side.CANDIDATE, "billing"), compared("a", BAD)));
            assertThat(slice(first, "billing").path("observed").asLong(0)).isOne();
            assertThat(slice(first, "billing").path("tolerance").asDouble(0)).isEqualTo(0.4);
            assertThat(first.view().awaited()).contains("gate errors, slice billing");
        }

        @Test
        void slicesGoOnAfterARestart() throws SQLException {
            serve(200, GOOD);
            RolloutCourse again = opened(plan(location, 0.1), ticking, secondDatabase);
            assertThat(again.view().evidence()).isEqualTo(first.view().evidence());
            again.round(List.of());
            assertThat(again.view().awaited()).isEqualTo(first.view().awaited());
        }

        @Test
        void aHeavyUserIsToldAndGivesNoMoreOfTheEvidenceThanAFairShare() throws SQLException {
            for (int number = 0; number < 400; number++) {
                String user = number % 2 == 0 ? "heavy" : "u" + number;
                first.round(List.of(ofUser("h" + number, user), compared("h" + number, GOOD)));
            }
            assertThat(first.view().heavyUsers()).containsOnlyKeys("heavy");
            assertThat(observed(first)).isBetween(230L, 290L);
        }

        @Test
        void aNameThatAllRequestsHaveIsToldAndHindersNoEvidence() throws SQLException {
            for (int number = 0; number < 100; number++) {
                first.round(List.of(ofUser("c" + number, "constant"), compared("c" + number, GOOD)));
            }
            assertThat(first.view().heavyUsers()).containsOnlyKeys("constant");
            assertThat(observed(first)).isEqualTo(100);
        }

        private RolloutEvent ofUser(String conversation, String user) {
            return new RolloutEvent.Assigned(
                    first.position().run(), conversation, true, user, Side.CANDIDATE, List.of(), now);
        }

        @Test
        void missingDifferencesDecideNothing() throws SQLException {
            first.round(List.of(assigned("missing"), compared("missing", Map.of())));
            assertThat(observed(first)).isZero();
            assertThat(firstDatabase.firstOpen(first.position().run(), 10)).isEmpty();
        }

        @Test
        void manyBadConversationsMakeAllGatewaysRetreat() throws SQLException {
            for (int number = 0; number < 600; number++) {
                (number % 2 == 0 ? first : second).round(List.of(assigned("c" + number), compared("c" + number, BAD)));
                if (first.position().aborted() || second.position().aborted()) {
                    break;
                }
            }
            first.round(List.of());
            second.round(List.of());
            assertThat(first.position().aborted()).isTrue();
            assertThat(second.position()).isEqualTo(first.position());
            assertThat(firstDatabase.decisions(10).size()).isEqualTo(2);
            assertThat(firstDatabase
                            .decisions(1)
                            .path(0)
                            .path("evidence")
                            .path(0)
                            .path("observed")
                            .asLong(0))
                    .isGreaterThan(1);
        }

        @Test
        void ofTwoPeopleWhoPromoteAtTheSameTimeOneDoes() throws SQLException {
            long seen = first.position().run();
            second.promote(seen, "bob", "a test", true);
            assertThat(second.position().state()).isEqualTo(RolloutState.CANARY);
            assertThatThrownBy(() -> first.promote(seen, "ann", "a test", true))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the rollout has just been moved to canary");
            first.round(List.of());
            assertThat(first.position()).isEqualTo(second.position());
            assertThat(firstDatabase.decisions(10).size()).isEqualTo(2);
        }

        @Test
        void anAbortIsSeenByTheOther() throws SQLException {
            first.round(List.of(new RolloutEvent.Aborted("ann", "a test")));
            second.round(List.of(new RolloutEvent.Aborted("bob", "a test")));
            assertThat(second.position().aborted()).isTrue();
            assertThat(firstDatabase.decisions(10).size()).isEqualTo(2);
        }

        @Test
        void anAlarmThatTwoGatewaysSeeTakesTheDialAwayOnce() throws SQLException {
            first.promote(first.position().run(), "ann", "a test", true);
            first.promote(first.position().run(), "ann", "a test", true);
            assertThat(first.position().state()).isEqualTo(RolloutState.CERTIFIED);
            RolloutEvent alarm = new RolloutEvent.RouterRead(
                    new RouterReading("open", 1, 0, 0, List.of(), List.of(), Double.NaN, false),
                    Set.of(RouterAlarm.BREAKER));
            first.round(List.of(alarm));
            second.round(List.of(alarm));
            assertThat(second.position().effortDisabled()).isTrue();
            assertThat(second.position()).isEqualTo(first.position());
            assertThat(second.view().alarms()).containsExactly(RouterAlarm.BREAKER);
            assertThat(firstDatabase.decisions(10).size()).isEqualTo(4);
            assertThat(firstDatabase
                            .decisions(1)
                            .path(0)
                            .path("router")
                            .path("breaker")
                            .asString(""))
                    .isEqualTo("open");
        }

        @Test
        void verdictsOfUsersAreKeptAndCountOnceForAConversation() throws SQLException {
            first.round(List.of(
                    new RolloutEvent.Judged("a", Side.BASELINE, 0), new RolloutEvent.Judged("a", Side.BASELINE, 0)));
            second.round(List.of(
                    new RolloutEvent.Judged("b", Side.CANDIDATE, 1), new RolloutEvent.Judged("c", Side.CANDIDATE, 1)));
            assertThat(second.view().evidence().path(1).path("observed").asLong(0))
                    .isOne();
            assertThat(second.view().evidence().path(1).path("log_retreat").asDouble(0))
                    .isPositive();
            first.round(List.of(new RolloutEvent.Judged("d", Side.BASELINE, 0)));
            assertThat(first.view().evidence().path(1).path("observed").asLong(0))
                    .isEqualTo(2);
        }

        @Test
        void evidenceGoesOnAfterARestartAndBeginsAnewWithOtherGates() throws SQLException {
            first.round(List.of(assigned("a"), compared("a", BAD)));
            double before = worse(first);
            assertThat(before).isPositive();
            RolloutCourse again = opened(plan(location, 0.1), ticking, secondDatabase);
            assertThat(again.view().evidence()).isEqualTo(first.view().evidence());
            RolloutCourse other = opened(plan(location, 0.2), ticking, secondDatabase);
            assertThat(observed(other)).isZero();
            assertThatThrownBy(() -> first.round(List.of()))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("a different plan");
        }

        private static GatewayPlan with(GatewayPlan plan, ModelEndpoint baseline, EvidenceSettings evidence) {
            return new GatewayPlan(
                    plan.model(),
                    baseline,
                    plan.candidate(),
                    plan.fields(),
                    plan.stages(),
                    plan.gates(),
                    evidence,
                    plan.limits(),
                    plan.fallback(),
                    plan.access(),
                    plan.operations(),
                    plan.database());
        }

        private String lastReason() throws SQLException {
            return firstDatabase.decisions(1).path(0).path("reason").asString("");
        }

        @Test
        void anotherBaselineOrTimeBeginsTheEvidenceAnewInItsStage() throws SQLException {
            GatewayPlan plan = plan(location, 0.1);
            ModelEndpoint other = new ModelEndpoint(
                    URI.create("http://other/v1"),
                    "m",
                    Optional.empty(),
                    plan.baseline().firstByte(),
                    plan.baseline().pause(),
                    plan.baseline().answer());
            EvidenceSettings longer =
                    new EvidenceSettings(0.05, 0.05, 0.25, List.of(), Duration.ofSeconds(20), false, Optional.empty());
            Map<GatewayPlan, String> changed = Map.of(
                    with(plan, other, plan.evidence()), "the baseline has changed",
                    with(plan, plan.baseline(), longer),
                            "the gates, evidence settings, limits on answers or number of stages have changed");
            promoteTo(RolloutState.CANARY);
            for (Map.Entry<GatewayPlan, String> change : changed.entrySet()) {
                first = opened(plan, ticking, firstDatabase);
                first.round(List.of(assigned("a"), compared("a", BAD)));
                assertThat(observed(first)).isEqualTo(1);
                RolloutCourse again = opened(change.getKey(), ticking, secondDatabase);
                assertThat(observed(again)).isZero();
                assertThat(again.position().state()).isEqualTo(RolloutState.CANARY);
                assertThat(lastReason()).isEqualTo(change.getValue());
            }
        }

        @Test
        void anotherCheckpointBehindTheSameAddressBeginsTheEvidenceAnew() throws SQLException {
            promoteTo(RolloutState.CANARY);
            for (Side side : Side.values()) {
                first.round(List.of(new RolloutEvent.CheckpointSeen(side, "aaaa")));
                first.round(List.of(assigned("a"), compared("a", BAD)));
                second.round(List.of(new RolloutEvent.CheckpointSeen(side, "aaaa")));
                assertThat(observed(second)).isEqualTo(1);
                second.round(List.of(new RolloutEvent.CheckpointSeen(side, "bbbb"), compared("a", BAD)));
                assertThat(observed(second)).isZero();
                assertThat(second.position().state()).isEqualTo(RolloutState.CANARY);
                assertThat(lastReason())
                        .isEqualTo("the " + side.word() + " serves another checkpoint: bbbb, before aaaa");
                first.round(List.of());
            }
        }

        @Test
        void aCertifiedEffortEndsWithItsCheckpoint() throws SQLException {
            promoteTo(RolloutState.CERTIFIED);
            first.round(List.of(new RolloutEvent.CheckpointSeen(Side.CANDIDATE, "aaaa")));
            assertThat(first.position().effortDisabled()).isFalse();
            assertThat(first.view().checkpoints()).containsEntry(Side.CANDIDATE, "aaaa");
            first.round(List.of(new RolloutEvent.CheckpointSeen(Side.CANDIDATE, "bbbb")));
            assertThat(first.position().effortDisabled()).isTrue();
            assertThat(lastReason()).endsWith("effort control is off");
        }

        private void promoteTo(RolloutState state) throws SQLException {
            while (first.position().state() != state) {
                first.promote(first.position().run(), "ann", "a test", true);
            }
        }

        private RolloutCourse restartedWith(CandidateFields fields) throws SQLException {
            return opened(plan(location, 0.1, fields), ticking, secondDatabase);
        }

        private void watch(int count, int everyBad) throws SQLException {
            for (int number = 0; number < count; number++) {
                String key = first.position().run() + "-" + served++;
                first.round(List.of(
                        assigned(key, Side.BASELINE),
                        new RolloutEvent.Watched(first.position().run(), key, number % everyBad == 0 ? BAD : GOOD)));
            }
        }

        @Test
        void afterRetirementTheWatchGoesOnBesideWhatTheBaselineShowedBefore() throws SQLException {
            promoteTo(RolloutState.CERTIFIED);
            Map<String, Sides> both = Map.of("errors", new Sides(1, 1));
            for (int number = 0; number < 200; number++) {
                first.round(List.of(assigned("c" + number), compared("c" + number, number % 2 == 0 ? both : GOOD)));
            }
            promoteTo(RolloutState.RETIRED);
            watch(400, 2);
            assertThat(first.view().worse()).isEmpty();
            watch(400, 1);
            assertThat(first.view().worse()).contains("gate errors");
            assertThat(first.position().state()).isEqualTo(RolloutState.RETIRED);
            assertThat(firstDatabase.decisions(1).path(0).path("action").asString(""))
                    .isEqualTo("alarm");
            second.round(List.of());
            assertThat(second.view().worse()).contains("gate errors");
            assertThat(second.view().evidence()).isEqualTo(first.view().evidence());
            watch(400, 1_000);
            assertThat(first.view().worse()).isEmpty();
        }

        @Test
        void aDatabaseOfAnotherFormatIsRefused() throws SQLException {
            firstDatabase.setMeta("version", "2");
            close();
            assertThatThrownBy(() -> Journal.open(location))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must have format 3, got 2")
                    .hasMessageContaining("name a new database");
        }

        @Test
        void anOldBackupBeginsTheEvidenceAnewButNotThePosition() throws SQLException {
            first.round(List.of(assigned("a"), compared("a", GOOD)));
            Map<String, String> backup = firstDatabase.meta();
            promoteTo(RolloutState.CANARY);
            first.round(List.of(new RolloutEvent.Aborted("ann", "a test")));
            second.round(List.of());
            long run = first.position().run();
            for (Map.Entry<String, String> kept : backup.entrySet()) {
                firstDatabase.setMeta(kept.getKey(), kept.getValue());
            }
            assertThat(first.isCurrent()).isEqualTo(firstDatabase.equals(secondDatabase));
            first.round(List.of());
            assertThat(firstDatabase.decisions(1).path(0).path("reason").asString(""))
                    .contains("an old backup", "the evidence begins anew");
            assertThat(first.position().aborted()).isTrue();
            assertThat(first.position().run()).isGreaterThan(run);
            assertThat(observed(first)).isZero();
            int decisions = firstDatabase.decisions(100).size();
            second.round(List.of());
            assertThat(second.position()).isEqualTo(first.position());
            assertThat(firstDatabase.decisions(100).size()).isEqualTo(decisions);
        }

        @Test
        void itWakesWhenAnAnswerIsOwedAndOtherwiseForUpkeepAlone() throws SQLException {
            first.round(List.of());
            assertThat(first.patience()).isGreaterThan(Duration.ofMinutes(10));
            first.round(List.of(assigned("hangs")));
            assertThat(first.patience()).isLessThanOrEqualTo(Duration.ofSeconds(5));
            now = START.plusMillis(9_000);
            first.round(List.of());
            assertThat(first.patience()).isEqualTo(Duration.ofSeconds(1));
            now = START.plusMillis(10_000);
            first.round(List.of());
            assertThat(observed(first)).isOne();
        }

        private double promoteError() {
            return Math.exp(-first.view().evidence().path(0).path("promotes_at").asDouble(0));
        }

        private void requireAttempt(int attempt) {
            assertThat(promoteError()).isCloseTo(0.05 / (attempt * (attempt + 1)), within(1e-9));
        }

        @Test
        void everyRunThatGathersEvidenceCountsAsAnAttemptOfTheCandidate() throws SQLException {
            requireAttempt(1);
            promoteTo(RolloutState.CERTIFIED);
            requireAttempt(3);
            first.adjust("ann", "other thresholds");
            first.adjusted("ann", "done");
            requireAttempt(4);
            first.promote(first.position().run(), "ann", "effort control is on again", true);
            requireAttempt(5);
            first.round(List.of(new RolloutEvent.RouterRead(
                    new RouterReading("open", 1, 0, 0, List.of(), List.of(), Double.NaN, false),
                    Set.of(RouterAlarm.BREAKER))));
            requireAttempt(6);
            first.round(List.of(new RolloutEvent.Aborted("ann", "a test")));
            requireAttempt(6);
            first.promote(first.position().run(), "ann", "a test", false);
            requireAttempt(7);
            first = opened(plan(location, 0.1, OTHER_REFERENCE), ticking, firstDatabase);
            requireAttempt(1);
            first = opened(plan(location, 0.1), ticking, firstDatabase);
            requireAttempt(8);
            first = opened(plan(location, 0.2), ticking, firstDatabase);
            requireAttempt(9);
        }

        private static final CandidateFields OTHER_REFERENCE =
                new CandidateFields(Map.of("effort", JsonNodeFactory.instance.numberNode(1)), Map.of());
        private static final CandidateFields OTHER_EFFORT =
                new CandidateFields(Map.of(), Map.of("effort", JsonNodeFactory.instance.numberNode(0.5)));

        @Test
        void anotherCandidateBeginsWithTheFirstStage() throws SQLException {
            promoteTo(RolloutState.CANARY);
            assertThat(restartedWith(OTHER_REFERENCE).position().state()).isEqualTo(RolloutState.SHADOW);
        }

        @Test
        void anotherCandidateDoesNotEndAnAbort() throws SQLException {
            promoteTo(RolloutState.CANARY);
            first.round(List.of(new RolloutEvent.Aborted("ann", "a test")));
            RolloutCourse again = restartedWith(OTHER_REFERENCE);
            assertThat(again.position().aborted()).isTrue();
            again.promote(again.position().run(), "ann", "a test", false);
            assertThat(again.position().state()).isEqualTo(RolloutState.SHADOW);
        }

        @Test
        void anotherCandidateIsRefusedWhereNoBaselineAnswersAnyMore() throws SQLException {
            promoteTo(RolloutState.RETIRED);
            assertThatThrownBy(() -> restartedWith(OTHER_REFERENCE))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("the rollout is retired")
                    .hasMessageContaining("a new database");
            assertThat(opened(plan(location, 0.1), ticking, secondDatabase)
                            .position()
                            .state())
                    .isEqualTo(RolloutState.RETIRED);
        }

        @Test
        void anotherCertifiedEffortLeavesStagesBeforeItsOwnAsTheyAre() throws SQLException {
            promoteTo(RolloutState.CANARY);
            first.round(List.of(assigned("a"), compared("a", BAD)));
            RolloutCourse again = restartedWith(OTHER_EFFORT);
            assertThat(again.position()).isEqualTo(first.position());
            assertThat(again.view().evidence()).isEqualTo(first.view().evidence());
        }

        @Test
        void anotherCertifiedEffortWaitsForAPromotionOnceTheDialIsUsed() throws SQLException {
            for (RolloutState state : List.of(RolloutState.CERTIFIED, RolloutState.RETIRED)) {
                promoteTo(state);
                RolloutCourse again = restartedWith(OTHER_EFFORT);
                assertThat(again.position().state()).isEqualTo(state);
                assertThat(again.position().effortDisabled()).isTrue();
                again.promote(again.position().run(), "ann", "certified anew", false);
                assertThat(again.position().effortDisabled()).isFalse();
                first = opened(plan(location, 0.1), ticking, firstDatabase);
                first.promote(first.position().run(), "ann", "back", false);
            }
        }

        private StoredPairs storedPairs() {
            return secondDatabase.storedPairs();
        }

        private int kept() throws SQLException {
            return storedPairs().newest(Optional.empty(), 2000).size();
        }

        @Test
        void pairsOfARunUnderWayStayAndThoseOfOneThatIsOverGoAfterTheirTime() throws SQLException {
            first.round(List.of(assigned("a"), compared("a", GOOD)));
            now = START.plus(Duration.ofDays(40));
            first.round(List.of(assigned("b"), compared("b", GOOD)));
            assertThat(kept()).isEqualTo(2);
            first.promote(first.position().run(), "ann", "a test", true);
            first.round(List.of(assigned("c"), compared("c", GOOD)));
            now = START.plus(Duration.ofDays(70));
            first.round(List.of());
            assertThat(kept()).isEqualTo(3);
            now = START.plus(Duration.ofDays(70)).plusSeconds(2);
            first.round(List.of());
            assertThat(kept()).isOne();
            assertThat(firstDatabase
                            .decisions(1)
                            .path(0)
                            .path("evidence")
                            .path(0)
                            .path("observed")
                            .asLong(0))
                    .isEqualTo(2);
        }

        @Test
        void ofMorePairsThanStayTheOldestGoButForThoseOfOpenConversations() throws SQLException {
            first.round(List.of(assigned("hangs"), assigned("open"), compared("open", GOOD)));
            List<RolloutEvent> events = new ArrayList<>();
            for (int number = 0; number < 1500; number++) {
                events.add(compared("c" + number, GOOD));
            }
            now = START.plusSeconds(1);
            first.round(events);
            now = START.plusSeconds(2);
            first.round(List.of());
            assertThat(kept()).isEqualTo(1001);
            assertThat(storedPairs()
                            .newest(Optional.empty(), 2000)
                            .path(1000)
                            .path("conversation")
                            .asString(""))
                    .isEqualTo("open");
            now = START.plusSeconds(20);
            first.round(List.of());
            now = START.plusSeconds(22);
            first.round(List.of());
            assertThat(kept()).isEqualTo(1000);
            assertThat(observed(first)).isEqualTo(2);
        }

        @Test
        void pairsAnswersAndHistoryAreKept() throws SQLException {
            first.round(List.of(
                    assigned("a"),
                    compared("a", BAD),
                    new RolloutEvent.Delivered("answer\0", "a", Side.CANDIDATE, now)));
            assertThat(storedPairs().newest(Optional.of("ann"), 10).size()).isOne();
            assertThat(storedPairs()
                            .newest(Optional.empty(), 10)
                            .path(0)
                            .path("request")
                            .asString(""))
                    .isEqualTo("a text with \uFFFD in it");
            assertThat(secondDatabase.answer("answer\0").map(Journal.GivenAnswer::side))
                    .contains(Side.CANDIDATE);
            for (int number = 0; number < 20; number++) {
                now = now.plusSeconds(2);
                first.round(List.of(assigned("c" + number), compared("c" + number, GOOD)));
            }
            long run = first.position().run();
            int all = secondDatabase.history(run, 1000).size();
            assertThat(all).isGreaterThan(15);
            assertThat(secondDatabase.history(run, 5).size()).isBetween(3, 6);
            assertThat(secondDatabase
                            .history(run, 5)
                            .path(secondDatabase.history(run, 5).size() - 1))
                    .isEqualTo(secondDatabase.history(run, 1000).path(all - 1));
            assertThat(storedPairs().erase("ann", "nobody")).isEqualTo(21);
            assertThat(storedPairs().newest(Optional.empty(), 10).size()).isZero();
        }
    }

    @Nested
    class OverSqlite extends AnyDatabase {

        @TempDir
        private Path folder;

        @Override
        DatabaseLocation freshLocation() {
            return new DatabaseLocation.SqliteFile(folder.resolve("rollout.db"));
        }

        @Override
        Journal another(DatabaseLocation location, Journal there) {
            return there;
        }
    }

    @Nested
    class OverPostgres extends AnyDatabase {

        @TempDir
        private static Path folder;

        private static PostgresServer server;

        @BeforeAll
        static void start() {
            server = PostgresServer.start(folder.resolve("postgres"), 0);
        }

        @AfterAll
        static void stop() throws IOException {
            server.close();
        }

        @Override
        DatabaseLocation freshLocation() throws SQLException {
            return server.freshDatabase();
        }

        @Override
        Journal another(DatabaseLocation location, Journal there) {
            return Journal.open(location);
        }
    }
}
