package dev.saiki.rollout.course;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.check.LevelReading;
import dev.saiki.rollout.check.LevelReading.Verdict;
import dev.saiki.rollout.check.RemoteService;
import dev.saiki.rollout.check.WebhookCheck;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.plan.LevelGate;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.PromotionHours;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StageConditionsTest {

    private static final Instant START = Instant.parse("2026-11-30T08:00:00Z");

    /// Asked every minute with ten seconds for an answer; the third failure in a row retreats.
    private static final LevelGate LEVEL = new LevelGate(
            "level",
            new WebhookCheck(
                    new RemoteService(URI.create("http://localhost/"), Optional.empty(), Duration.ofSeconds(10))),
            Duration.ofMinutes(1),
            3,
            true,
            true);

    private final StageConditions conditions =
            new StageConditions(new OperationSettings(List.of(LEVEL), Optional.empty(), List.of()));

    private int reads;

    private static Position position(long run, Stage stage) {
        return new Position(run, 0, stage, false, false, false, START);
    }

    private static final Stage STAGE = new Stage(RolloutState.CANARY, 1, 1, Duration.ofHours(1), 20);

    private void read(Verdict verdict) {
        read(1, verdict);
    }

    private void read(long run, Verdict verdict) {
        conditions.accept(
                new RolloutEvent.LevelRead(run, "level", new LevelReading(verdict, "0.5"), START.plusNanos(++reads)),
                1);
    }

    private List<String> awaited(Duration later) {
        return conditions.awaited(
                position(1, new Stage(RolloutState.CANARY, 1, 1, Duration.ZERO, 0)), 0, START.plus(later));
    }

    @Test
    void aStageWaitsForItsLength() {
        StageConditions none = new StageConditions(OperationSettings.NONE);
        assertThat(none.awaited(position(1, STAGE), 15, START.plusSeconds(60)))
                .containsExactly(
                        "5 more conversations of the stage", "the end of the stage's duration, 2026-11-30T09:00:00Z");
        assertThat(none.awaited(position(1, STAGE), 20, START.plus(Duration.ofHours(1))))
                .isEmpty();
    }

    @Test
    void aStageWaitsForThePassOfALevel() {
        assertThat(awaited(Duration.ZERO)).containsExactly("gate level: no answer yet");
        read(Verdict.PASSES);
        assertThat(awaited(Duration.ZERO)).isEmpty();
        read(Verdict.MISSING);
        assertThat(awaited(Duration.ZERO)).as("it must hold at the promotion").containsExactly("gate level: 0.5");
        read(Verdict.FAILS);
        assertThat(awaited(Duration.ZERO)).containsExactly("gate level: 0.5");
    }

    @Test
    void anOldPassIsNone() {
        read(Verdict.PASSES);
        assertThat(awaited(Duration.ofSeconds(140))).isEmpty();
        assertThat(awaited(Duration.ofSeconds(141))).containsExactly("gate level: 0.5, too old");
    }

    @Test
    void failuresInARowRetreatAndMissingAnswersNeitherCountNorHelp() {
        read(Verdict.FAILS);
        read(Verdict.FAILS);
        read(Verdict.PASSES);
        read(Verdict.FAILS);
        read(Verdict.MISSING);
        read(Verdict.FAILS);
        read(Verdict.MISSING);
        assertThat(conditions.retreating(1)).isEmpty();
        read(Verdict.FAILS);
        assertThat(conditions.retreating(1)).contains("gate level: 3 failures in a row, 0.5");
    }

    @Test
    void missingAnswersAloneNeverRetreat() {
        for (int count = 0; count < 100; count++) {
            read(Verdict.MISSING);
        }
        assertThat(conditions.retreating(1)).isEmpty();
        assertThat(awaited(Duration.ZERO)).containsExactly("gate level: 0.5");
    }

    @Test
    void answersOfAnotherRunDoNotCount() {
        read(Verdict.PASSES);
        assertThat(conditions.awaited(position(2, STAGE), 20, START.plus(Duration.ofHours(1))))
                .containsExactly("gate level: no answer yet");
        read(2, Verdict.PASSES);
        assertThat(awaited(Duration.ZERO)).containsExactly("gate level: no answer yet");
    }

    @Test
    void outsideTheHoursAStageWaitsForTheirBeginning() {
        StageConditions inTokyo = new StageConditions(new OperationSettings(
                List.of(), Optional.of(PromotionHours.of(ZoneId.of("Asia/Tokyo"), "Mon-Fri 09:00-17:00")), List.of()));
        assertThat(inTokyo.closed(START))
                .contains("the hours for promotions (Mon-Fri 09:00-17:00 Asia/Tokyo), which begin at"
                        + " 2026-12-01T09:00+09:00");
        assertThat(inTokyo.closed(START.minusSeconds(1))).isEmpty();
    }
}
