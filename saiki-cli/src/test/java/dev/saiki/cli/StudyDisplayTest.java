package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.study.StudyDisplay;
import dev.saiki.cli.terminal.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StudyDisplayTest {

    @Test
    void aRequestToStopSaysAtOnceWhatItWaitsFor() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        AtomicInteger requests = new AtomicInteger();
        try (StudyDisplay display = new StudyDisplay(Console.of(err, err), InstantSource.system())) {
            Runnable stop = display.announcing(requests::incrementAndGet);
            stop.run();
            assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("stopping after the current step");
            display.onMeasuring("mor-a-s0");
            stop.run();
            assertThat(bytes.toString(StandardCharsets.UTF_8))
                    .contains(
                            "measuring mor-a-s0",
                            "stopping after the current measurement of mor-a-s0, which can take minutes");
        }
        assertThat(requests).hasValue(2);
    }
}
