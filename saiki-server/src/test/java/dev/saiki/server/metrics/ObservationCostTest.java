package dev.saiki.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.management.ThreadMXBean;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.audit.Spending;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The cost of observation in countable units: allocated memory, recorded measurements, and the engine's work.
class ObservationCostTest {

    private static final int TOKENS = 24;
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(1).prefixCache(false).build();

    /// Limits so wide that the breaker evaluates the router and never opens: an open breaker would change the
    /// computation.
    private static final BreakerOptions WIDE = new BreakerOptions(1 << 20, 1, BreakerOptions.DEFAULT.coolDown());

    @TempDir
    private Path folder;

    private CheckpointDirectory model;

    @BeforeEach
    void makeModel() throws IOException {
        Manifest trained = Manifest.now(
                Optional.empty(),
                Optional.empty(),
                1_000,
                10,
                Map.of(Manifest.DEPTH_SHARE + 1, 0.5, Manifest.DEPTH_SHARE + 2, 0.25, Manifest.DEPTH_SHARE + 3, 0.25));
        model = RandomCheckpoint.write(
                folder.resolve("model"),
                TinyModels.expertThreshold(KeyValueSharing.NONE),
                1,
                trained,
                tensor -> tensor);
    }

    private static void observe(ServerMetrics metrics, int tokens) {
        RequestClock clock = metrics.begin("text_completion");
        for (int token = 0; token < tokens; token++) {
            clock.token();
        }
        clock.finished("length");
        clock.done(new Spending(3, 0, tokens, 1, List.of(50L, 25L, 23L), 1, 1));
    }

    @Test
    void aTokenBehindTheFirstTakesNoMemory() {
        try (Engine engine = Engine.withoutText(model, OPTIONS)) {
            RequestClock clock = new ServerMetrics(engine, "small", true).begin("text_completion");
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            clock.token();
            int tokens = 100_000;
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int token = 0; token < tokens; token++) {
                clock.token();
            }
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(tokens);
        }
    }

    /// The number of measurements by the names of the series.
    private static Map<String, Double> measurements(ServerMetrics metrics) {
        metrics.look();
        return metrics.write()
                .lines()
                .filter(line -> !line.startsWith("#") && line.split("[{ ]", 2)[0].endsWith("_count"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
    }

    @Test
    void aLongAnswerIsMeasuredAsOftenAsAShortOne() {
        try (Engine engine = Engine.withoutText(model, OPTIONS)) {
            ServerMetrics ofShort = new ServerMetrics(engine, "small", true);
            ServerMetrics ofLong = new ServerMetrics(engine, "small", true);
            observe(ofShort, 2);
            observe(ofLong, 2000);
            assertThat(measurements(ofLong)).isEqualTo(measurements(ofShort)).containsValue(1.0);
        }
    }

    private EngineStatistics work(EngineOptions options) {
        try (Engine engine = Engine.withoutText(model, options);
                TokenStream stream = engine.submit(GenerationRequest.builder(new int[] {1, 2, 3}, TOKENS)
                        .ending(StopConditions.NONE)
                        .build())) {
            assertThat(stream.finish().tokens()).isEqualTo(TOKENS);
            return engine.statistics();
        }
    }

    @Test
    void anEngineThatIsWatchedComputesWhatOneComputesThatIsNot() {
        EngineStatistics watched = work(OPTIONS.toBuilder().breaker(WIDE).build());
        EngineStatistics plain = work(OPTIONS);
        assertThat(watched.router().window().tokens()).isPositive();
        assertThat(watched.stages())
                .extracting(EngineStatistics.Stage::runs, EngineStatistics.Stage::rows)
                .isEqualTo(plain.stages().stream()
                        .map(stage -> tuple(stage.runs(), stage.rows()))
                        .toList());
        assertThat(watched.stepTokens()).isEqualTo(plain.stepTokens());
        assertThat(watched.flops()).isEqualTo(plain.flops());
    }
}
