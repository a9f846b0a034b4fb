package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetiredBaselineTest {

    private static final int MOST = 500;

    private static final List<RolloutGate> GATES = List.of(
            new RolloutGate("errors", new ErrorCheck(true, true), 0.25, true, true),
            new RolloutGate("right", new RegexCheck(Pattern.compile("right")), 0.25, true, true));

    @TempDir
    private Path folder;

    /// The candidate is promoted for good answers, and wrong in half of them afterwards.
    @Test
    void aCandidateThatBecomesWorseAfterItRaisesAnAlarm() throws Exception {
        AtomicBoolean isWrong = new AtomicBoolean();
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("right");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((exchange, body) -> ScriptedEndpoint.say(
                        exchange, body, isWrong.get() && asked.incrementAndGet() % 2 == 0 ? "wrong" : "right"));
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .gates(GATES)
                        .stage(RolloutState.FULL, 1)
                        .stage(RolloutState.RETIRED, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int n = 0; n < MOST && gateway.state().equals("full"); n++) {
                client.chat("good" + n, false);
            }
            assertThat(GatewayClient.comes(() -> gateway.state().equals("retired")))
                    .as("%s", client.json("/rollout"))
                    .isTrue();
            assertThat(client.json("/rollout").has("worse")).isFalse();
            isWrong.set(true);
            int mirrored = baseline.seen().size();
            for (int n = 0; n < MOST && !client.shows("/rollout", "worse", "gate right"); n++) {
                client.chat("bad" + n, false);
            }
            assertThat(GatewayClient.comes(() -> client.shows("/rollout", "worse", "gate right")))
                    .as("%s", client.json("/rollout"))
                    .isTrue();
            assertThat(client.json("/rollout/decisions").at("/data/0/action").asString(""))
                    .isEqualTo("alarm");
            assertThat(gateway.state()).isEqualTo("retired");
            assertThat(baseline.seen()).hasSizeLessThan(mirrored + 20);
        }
    }
}
