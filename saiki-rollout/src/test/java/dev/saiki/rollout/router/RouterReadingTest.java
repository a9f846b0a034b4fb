package dev.saiki.rollout.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouterReadingTest {

    private static final RouterWatch WATCH = new RouterWatch(RouterWatch.DEFAULT.every(), 0.2, 100);

    private static RouterReading reading(long trips, long notFinite, List<Double> shares, double drift) {
        return new RouterReading("closed", trips, notFinite, 200, shares, List.of(0.4, 0.4, 0.2), drift, false);
    }

    @Test
    void theServersAnswerIsRead() {
        String answer = """
                {"state": "half_open", "scores_not_finite": 2, "logits_not_finite": 1,
                 "trips": {"not_finite": 1, "drift": 2},
                 "window": {"tokens": 500, "shares": [0.5, 0.25, 0.25], "expected": [0.4, 0.4, 0.2], "drift": 0.15},
                 "certificate": {"revoked": true}}""";
        RouterReading read = RouterReading.read(Json.read(answer.getBytes(StandardCharsets.UTF_8)));
        assertThat(read)
                .isEqualTo(new RouterReading(
                        "half_open", 3, 3, 500, List.of(0.5, 0.25, 0.25), List.of(0.4, 0.4, 0.2), 0.15, true));
        assertThat(read.meanDepth()).isEqualTo(1.75);
        assertThat(read.alarms(WATCH, Optional.empty())).containsExactly(RouterAlarm.BREAKER, RouterAlarm.CERTIFICATE);
    }

    @Test
    void whatWasThereBeforeIsNoAlarmAndWhatIsNewIs() {
        RouterReading before = reading(4, 9, List.of(0.4, 0.4, 0.2), 0);
        assertThat(before.alarms(WATCH, Optional.empty())).isEmpty();
        assertThat(reading(4, 10, List.of(0.4, 0.4, 0.2), 0).alarms(WATCH, Optional.of(before)))
                .containsExactly(RouterAlarm.NOT_FINITE);
        assertThat(reading(5, 9, List.of(0.4, 0.4, 0.2), 0).alarms(WATCH, Optional.of(before)))
                .containsExactly(RouterAlarm.BREAKER);
    }

    @Test
    void depthsAlarmIfThereAreEnoughTokens() {
        RouterReading shallow = reading(0, 0, List.of(0.8, 0.2, 0.0), 0.4);
        assertThat(shallow.alarms(WATCH, Optional.empty())).containsExactly(RouterAlarm.DEAD_STEP, RouterAlarm.DRIFT);
        assertThat(shallow.alarms(new RouterWatch(WATCH.every(), 0.2, 201), Optional.empty()))
                .isEmpty();
        assertThat(reading(0, 0, List.of(0.0, 0.0, 1.0), 0.1).alarms(WATCH, Optional.empty()))
                .isEmpty();
    }
}
