package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.evidence.RetreatRule;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.rollout.check.AgreementCheck;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.LatencyCheck;
import dev.saiki.rollout.plan.EvidenceSettings;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Candidates with faults that clients notice, behind a real gateway with promotion by itself: none is promoted, and
/// the gateway retreats from each in about as many conversations as planned in `studies/gateway-faults`. The slow form
/// has all faults in three stages at two tolerances, three times, and a table in target/fault-matrix.txt.
class FaultyCandidateTest {

    private static final double TOLERANCE = 0.1;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final int CLIENTS = 12;
    private static final double CANARY_SHARE = 0.5;

    /// The baseline's requests that the gate of departures waits for, and those that are under way at the end.
    private static final int BESIDES = 250;

    /// The rule of a plan with four gates.
    private static final RetreatRule RULE =
            new RetreatRule(0.05, EvidenceSettings.HORIZON, 4 * (1 + GatewayPlan.MOST_SLICES));

    @TempDir
    private Path folder;

    private static List<RolloutGate> gates(double tolerance) {
        return List.of(
                new RolloutGate("errors", new ErrorCheck(true, true), tolerance, true, true),
                new RolloutGate("slow", new LatencyCheck(Duration.ofMillis(500), true), tolerance, true, true),
                new RolloutGate("same", new AgreementCheck(true), tolerance, true, true),
                new RolloutGate("departures", new DepartureCheck(), CandidateFault.DEPARTURES, true, true));
    }

    /// A plan whose first stage lasts for some conversations at least.
    private GatewayPlan plan(
            RolloutState state, double tolerance, int conversations, ScriptedEndpoint baseline, ScriptedEndpoint other)
            throws IOException {
        RolloutState next = state == RolloutState.FULL ? RolloutState.RETIRED : RolloutState.FULL;
        return Plans.between(baseline, other.url())
                .gates(gates(tolerance))
                .firstByte(PAUSE)
                .answer(ANSWER)
                .keys(FaultTraffic.keys())
                .stage(state, state == RolloutState.CANARY ? CANARY_SHARE : 1, conversations)
                .stage(next, 1)
                .in(Files.createTempDirectory(folder, "rollout"));
    }

    /// How a rollout ended.
    ///
    /// @param action the first decision after the beginning; empty if there was none
    /// @param reason its reason
    /// @param observed the conversations that the gate had observed by then
    private record Ending(String action, String reason, long observed) {}

    private static Ending ending(Gateway gateway, String gate) throws IOException, InterruptedException {
        JsonNode decisions = client(gateway, 0).json("/rollout/decisions").path("data");
        JsonNode first = decisions.path(decisions.size() - 2);
        long observed = 0;
        for (JsonNode one : first.path("evidence")) {
            boolean isOfAll = one.path("slice").asString("").isEmpty();
            observed = isOfAll && one.path("gate").asString("").equals(gate)
                    ? one.path("observed").asLong(0)
                    : observed;
        }
        return new Ending(
                first.path("action").asString(""), first.path("reason").asString(""), observed);
    }

    private static GatewayClient client(Gateway gateway, int number) {
        return new GatewayClient(gateway.port(), FaultTraffic.keyOf(number));
    }

    private Ending run(CandidateFault fault, RolloutState state, double tolerance) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start(FaultTraffic::answer);
                ScriptedEndpoint candidate =
                        ScriptedEndpoint.start((exchange, body) -> answer(fault, asked, exchange, body))) {
            GatewayPlan plan = plan(state, tolerance, 5, baseline, candidate);
            assertThat(plan.retreatRule()).isEqualTo(RULE);
            int expected = fault.expected(tolerance, RULE).orElseThrow();
            if (fault.good() > 0) {
                // Only the latest evidence speaks against a promotion when the stage may end.
                plan = plan(state, tolerance, fault.good() + expected, baseline, candidate);
            }
            try (Gateway gateway = Gateway.start(plan)) {
                int most = (int) ((fault.good() + 3 * expected + BESIDES)
                        / plan.stages().getFirst().share());
                boolean isLeft = fault == CandidateFault.ABANDONED;
                serve(gateway, most, "", isLeft ? Clients.LEAVING_THE_CANDIDATE : Clients.PATIENT);
                boolean isOver = GatewayClient.comes(() -> !gateway.state().equals(state.word()));
                assertThat(isOver).as("%s", client(gateway, 0).json("/rollout")).isTrue();
                return ending(gateway, fault.gate());
            }
        }
    }

    private static void answer(CandidateFault fault, AtomicInteger asked, Exchange exchange, JsonNode body)
            throws IOException {
        int conversation = FaultTraffic.isSecondTurn(body) ? asked.get() : asked.incrementAndGet();
        fault.answer(new CandidateFault.Turn(conversation), exchange, body);
    }

    /// How clients treat answers.
    private enum Clients {
        PATIENT,
        /// Leave each stream of the candidate after its first byte.
        LEAVING_THE_CANDIDATE,
        /// Leave one in five streams of either side after its first byte.
        LEAVING_OFTEN
    }

    /// Has conversations from several clients until there are enough or the first stage has ended.
    private static void serve(Gateway gateway, int most, String user, Clients clients) throws Exception {
        String begun = gateway.state();
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = IntStream.range(0, CLIENTS)
                    .<Future<?>>mapToObj(_ -> threads.submit(() -> {
                        for (int n = next.incrementAndGet(); n <= most; n = next.incrementAndGet()) {
                            if (!gateway.state().equals(begun)) {
                                return null;
                            }
                            converse(gateway, n, user, clients);
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    private static void converse(Gateway gateway, int number, String user, Clients clients)
            throws InterruptedException {
        GatewayClient client = client(gateway, number);
        List<ObjectNode> turns = new ArrayList<>(List.of(FaultTraffic.request(number)));
        if (FaultTraffic.hasSecondTurn(number)) {
            turns.add(FaultTraffic.secondTurn(number));
        }
        for (ObjectNode turn : turns) {
            if (!user.isEmpty()) {
                turn.put("user", user);
            }
            String body = new String(Json.bytes(turn), StandardCharsets.UTF_8);
            try {
                boolean mayLeave = turn.path("stream").asBoolean(false);
                if (mayLeave && clients == Clients.LEAVING_THE_CANDIDATE) {
                    leave(client, body, "candidate");
                } else if (mayLeave && clients == Clients.LEAVING_OFTEN && number % 10 == 4) {
                    leave(client, body, "");
                } else {
                    client.post("/v1/chat/completions", body);
                }
            } catch (IOException brokenOff) {
                // As the fault has it.
            }
        }
    }

    /// Leaves an answer of a side, or of any, after its first byte.
    private static void leave(GatewayClient client, String body, String side) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client.open("/v1/chat/completions", body);
        try (InputStream text = answer.body()) {
            if (answer.headers().firstValue("X-Saiki-Side").orElse("").startsWith(side)) {
                text.read();
            } else {
                text.readAllBytes();
            }
        }
    }

    private void assertFound(CandidateFault fault, Ending ending, double tolerance) {
        assertThat(ending.action()).as("%s", ending).isEqualTo("abort");
        // An answer that cannot be used is the worst one for every gate that judges answers.
        String gates = fault.gate().equals("errors") ? "(errors|slow|same)" : fault.gate();
        assertThat(ending.reason()).matches("gate " + gates + "\\b.*");
        assertThat(ending.observed()).as("%s at %s", ending, tolerance).isGreaterThan(fault.good());
    }

    @ParameterizedTest
    @CsvSource({
        "TORN,SHADOW",
        "TORN,CANARY",
        "TORN,FULL",
        "SLOW_START,SHADOW",
        "SLOW_START,CANARY",
        "SLOW_START,FULL",
        "EMPTY,SHADOW",
        "EMPTY,CANARY",
        "EMPTY,FULL",
        "AFTER_60,SHADOW",
        "AFTER_60,CANARY",
        "AFTER_60,FULL",
        "BAD_CALL,SHADOW",
        "BAD_CALL,CANARY",
        "BAD_CALL,FULL",
        "HANGING,SHADOW",
        "HANGING,CANARY",
        "HANGING,FULL",
        "ABANDONED,CANARY",
        "ABANDONED,FULL",
        "WRONG_LANGUAGE,SHADOW",
        "WRONG_USAGE,CANARY",
        "REPEATING,FULL",
        "OTHER_ANSWER,CANARY",
        "WRONG_SECOND_TURN,SHADOW",
        "WRONG_IN_JAPANESE,SHADOW",
    })
    void noFaultyCandidateIsPromoted(CandidateFault fault, RolloutState state) throws Exception {
        assertFound(fault, run(fault, state, TOLERANCE), TOLERANCE);
    }

    @Test
    @Tag("slow")
    void theWholeMatrix() throws Exception {
        Path table = Path.of("target", "fault-matrix.txt");
        Files.writeString(table, "");
        List<String> through = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            for (CandidateFault fault : CandidateFault.values()) {
                for (double tolerance : new double[] {0.02, 0.1}) {
                    for (RolloutState state : List.of(RolloutState.SHADOW, RolloutState.CANARY, RolloutState.FULL)) {
                        try {
                            measure(fault, state, tolerance, table);
                        } catch (AssertionError e) {
                            through.add(fault + " " + state + " " + tolerance + ": " + e.getMessage());
                            write(table, through.getLast());
                        }
                    }
                }
            }
        }
        assertThat(through).isEmpty();
    }

    private void measure(CandidateFault fault, RolloutState state, double tolerance, Path table) throws Exception {
        // Nobody can leave in shadow, and a share that is tolerated is no fault.
        boolean isSeen = fault != CandidateFault.ABANDONED || state != RolloutState.SHADOW;
        OptionalInt expected = fault.expected(tolerance, RULE);
        if (!isSeen || expected.isEmpty()) {
            return;
        }
        Ending ending = run(fault, state, tolerance);
        write(
                table,
                String.format(
                        Locale.ROOT,
                        "%-18s %-7s %-5s expected %6d measured %6d  %s",
                        fault.word(),
                        state.word(),
                        tolerance,
                        expected.getAsInt(),
                        ending.observed() - fault.good(),
                        ending.reason()));
        assertFound(fault, ending, tolerance);
        // The number is a median, and requests are under way when the gateway retreats.
        assertThat(ending.observed() - fault.good())
                .as("%s", ending)
                .isLessThanOrEqualTo(2L * expected.getAsInt() + CLIENTS);
    }

    private static void write(Path table, String row) throws IOException {
        Files.writeString(table, row + "\n", StandardOpenOption.APPEND);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHADOW", "CANARY", "FULL"})
    void aGoodCandidateIsPromotedThoughEachRequestHasTheSameUser(RolloutState state) throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start(FaultTraffic::answer);
                ScriptedEndpoint candidate = ScriptedEndpoint.start(FaultTraffic::answer);
                Gateway gateway = Gateway.start(plan(state, TOLERANCE, 5, baseline, candidate))) {
            serve(gateway, 3_000, "app", Clients.PATIENT);
            String next = state == RolloutState.FULL ? "retired" : "full";
            assertThat(GatewayClient.comes(() -> gateway.state().equals(next)))
                    .as("%s", client(gateway, 0).json("/rollout"))
                    .isTrue();
            assertThat(client(gateway, 0).json("/rollout").path("heavy_users").size())
                    .isOne();
        }
    }

    /// How a good candidate differs from the baseline.
    enum Good {
        EQUAL,
        BETTER,
        SLOWER,
        OFTEN_LEFT
    }

    /// The baseline of a better candidate gives the answer of another request one time in fifty.
    private static void answerOfBaseline(Good good, Exchange exchange, JsonNode body) throws IOException {
        if (good == Good.BETTER && FaultTraffic.number(body) % 50 == 11) {
            CandidateFault.OTHER_ANSWER.answer(new CandidateFault.Turn(0), exchange, body);
        } else {
            FaultTraffic.answer(exchange, body);
        }
    }

    private static void answerOfCandidate(Good good, Exchange exchange, JsonNode body) throws IOException {
        if (good == Good.SLOWER) {
            FaultTraffic.sleep(Duration.ofMillis(100));
        }
        FaultTraffic.answer(exchange, body);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    void goodCandidatesArePromoted(Good good) throws Exception {
        for (RolloutState state : List.of(RolloutState.SHADOW, RolloutState.CANARY, RolloutState.FULL)) {
            try (ScriptedEndpoint baseline =
                            ScriptedEndpoint.start((exchange, body) -> answerOfBaseline(good, exchange, body));
                    ScriptedEndpoint candidate =
                            ScriptedEndpoint.start((exchange, body) -> answerOfCandidate(good, exchange, body));
                    Gateway gateway = Gateway.start(plan(state, TOLERANCE, 5, baseline, candidate))) {
                serve(gateway, 8_000, "", good == Good.OFTEN_LEFT ? Clients.LEAVING_OFTEN : Clients.PATIENT);
                Ending ending = ending(gateway, "errors");
                assertThat(ending.action())
                        .as("%s", client(gateway, 0).json("/rollout"))
                        .isEqualTo("promote");
                Path table = Path.of("target", "good-candidates.txt");
                String row = String.format(
                        Locale.ROOT, "%-10s %-7s promoted after %d%n", good, state.word(), ending.observed());
                Files.writeString(table, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        }
    }
}
