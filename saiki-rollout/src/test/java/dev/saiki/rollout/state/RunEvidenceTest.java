package dev.saiki.rollout.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.plan.CandidateFields;
import dev.saiki.rollout.plan.EvidenceSettings;
import dev.saiki.rollout.plan.GatewayAccess;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.rollout.plan.TrafficLimits;
import dev.saiki.server.settings.ConnectionLimits;
import dev.saiki.server.settings.ListenOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunEvidenceTest {

    private static final Map<String, Double> GOOD = Map.of("errors", 0.0);
    private static final Map<String, Double> BAD = Map.of("errors", 1.0);

    private final GatewayPlan plan = plan();
    private final RunEvidence evidence = new RunEvidence(plan);

    /// Two pairs, or ten seconds.
    private static GatewayPlan plan() {
        ModelEndpoint endpoint = new ModelEndpoint(
                URI.create("http://localhost/v1"),
                "m",
                Optional.empty(),
                ModelEndpoint.DEFAULT_FIRST_BYTE,
                ModelEndpoint.DEFAULT_ANSWER);
        return new GatewayPlan(
                "assistant",
                endpoint,
                endpoint,
                new CandidateFields(Map.of(), Map.of()),
                List.of(new Stage(RolloutState.SHADOW, 1, 1, Duration.ZERO, 0)),
                List.of(new RolloutGate("errors", new ErrorCheck(), 0.1, true, true)),
                new EvidenceSettings(0.05, 0.05, 2, Duration.ofSeconds(10), false),
                TrafficLimits.DEFAULT,
                new GatewayAccess(
                        new ListenOptions("localhost", 0, ConnectionLimits.DEFAULT, Optional.empty()),
                        Optional.empty(),
                        Set.of(),
                        Set.of(),
                        false),
                Path.of("rollout.db"));
    }

    @Test
    void conversationsEnterInTheOrderInWhichTheyWereAssigned() {
        evidence.assigned("first", 0);
        evidence.assigned("second", 1);
        evidence.add("second", BAD);
        evidence.add("second", BAD);
        assertThat(evidence.enterClosed(2)).isEmpty();
        evidence.add("first", GOOD);
        evidence.add("first", GOOD);
        assertThat(evidence.enterClosed(3)).containsExactly("first", "second");
        assertThat(evidence.conversations()).isEqualTo(2);
    }

    @Test
    void oneThatHangsEntersAsItStandsAtItsLimit() {
        evidence.assigned("hangs", 0);
        evidence.assigned("second", 1);
        evidence.add("second", GOOD);
        evidence.add("second", GOOD);
        assertThat(evidence.enterClosed(9_999)).isEmpty();
        assertThat(evidence.enterClosed(10_000)).containsExactly("hangs", "second");
        assertThat(evidence.conversations()).isEqualTo(1);
    }

    @Test
    void aConversationCountsOnceAndByItsMean() {
        evidence.assigned("mixed", 0);
        evidence.add("mixed", BAD);
        evidence.add("mixed", GOOD);
        evidence.enterClosed(1);
        RunEvidence half = new RunEvidence(plan);
        half.assigned("half", 0);
        half.add("half", Map.of("errors", 0.5));
        half.add("half", Map.of("errors", 0.5));
        half.enterClosed(1);
        assertThat(evidence.toJson()).isEqualTo(half.toJson());
        assertThat(evidence.assigned("mixed", 2)).isFalse();
        assertThat(evidence.add("mixed", BAD)).isEmpty();
    }

    @Test
    void missingDifferencesDecideNothing() {
        evidence.assigned("missing", 0);
        evidence.add("missing", Map.of());
        evidence.add("missing", Map.of());
        assertThat(evidence.enterClosed(1)).containsExactly("missing");
        assertThat(evidence.conversations()).isZero();
    }

    @Test
    void enoughBadConversationsRetreat() {
        for (int number = 0; number < 50; number++) {
            evidence.assigned("c" + number, number);
            evidence.add("c" + number, BAD);
            evidence.add("c" + number, BAD);
        }
        evidence.enterClosed(60);
        assertThat(evidence.retreating().map(RolloutGate::name)).contains("errors");
        assertThat(evidence.allPass()).isFalse();
    }
}
