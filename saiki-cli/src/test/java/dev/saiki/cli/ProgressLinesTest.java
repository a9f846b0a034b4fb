package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.terminal.ProgressLines;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {

    @Test
    void aLineComesEveryFewSecondsAndWhenAPartIsDone() {
        AtomicLong seconds = new AtomicLong();
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        ProgressLines progress = new ProgressLines(
                new PrintStream(told, true, StandardCharsets.UTF_8), () -> Instant.ofEpochSecond(seconds.get()));
        for (int tokens = 1000; tokens <= 12_000; tokens += 1000) {
            seconds.incrementAndGet();
            progress.update("the base", tokens, 12_000, "tokens scored");
        }
        progress.update("one pass", 12_000, 12_000, "tokens scored");
        assertThat(told.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "the base: 5,000/12,000 tokens scored, about 7 s left",
                        "the base: 10,000/12,000 tokens scored, about 2 s left",
                        "the base: 12,000/12,000 tokens scored",
                        "one pass: 12,000/12,000 tokens scored");
    }
}
