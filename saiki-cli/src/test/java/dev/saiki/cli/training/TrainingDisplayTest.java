package dev.saiki.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.model.DepthHighlighter;
import dev.saiki.cli.terminal.Console;
import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingStart;
import dev.saiki.train.recipe.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainingDisplayTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);

    /// A clock that tests set.
    private static final class HandClock implements InstantSource {
        private Instant now = Instant.EPOCH;

        void advance(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private static StepReport step(long step) {
        return new StepReport(step, 100, 4.5, 2612.4, 1.98, 0.002, Duration.ofSeconds(125));
    }

    @Test
    void withoutATerminalThereIsALineNowAndThen() {
        HandClock clock = new HandClock();
        try (TrainingDisplay display = new TrainingDisplay(Console.of(err, err), clock)) {
            for (long step = 1; step <= 50; step++) {
                display.onStep(step(step));
                clock.advance(Duration.ofSeconds(1));
            }
        }
        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .hasSize(5)
                .first()
                .isEqualTo("step 1/100  loss 4.5000  2,612 tokens/s  depth 1.98  lr 2.00e-03  2 min 05 s left");
    }

    @Test
    void theLastStepIsAlwaysShown() {
        try (TrainingDisplay display = new TrainingDisplay(Console.of(err, err), new HandClock())) {
            display.onStep(step(99));
            display.onStep(step(100));
        }
        assertThat(written.toString(StandardCharsets.UTF_8)).contains("step 99/100", "step 100/100");
    }

    @Test
    void aFinishedRunThatIsResumedSaysSo() {
        try (TrainingDisplay display = new TrainingDisplay(Console.of(err, err), new HandClock())) {
            display.onStart(new TrainingStart(
                    Recipe.builtIn("small-vanilla", List.of()).model().config(),
                    1,
                    47,
                    47,
                    1024,
                    1,
                    1,
                    Path.of("run")));
        }
        assertThat(written.toString(StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("all 47 steps have been trained");
    }

    @Test
    void coloursRespectTheUsersWish() {
        Console terminal = new Console(InputStream.nullInputStream(), err, err, true, true, true, Map.of());
        Console plain = new Console(InputStream.nullInputStream(), err, err, true, true, true, Map.of("NO_COLOR", "1"));
        assertThat(terminal.outHasColour()).isTrue();
        assertThat(plain.outHasColour()).isFalse();
        assertThat(Console.of(err, err).outHasColour()).isFalse();
        assertThat(new DepthHighlighter(true).token("sea", 2)).contains("\u001b[38;5;", "sea");
        assertThat(new DepthHighlighter(false).token("sea", 12)).isEqualTo("sea₁₂");
    }
}
