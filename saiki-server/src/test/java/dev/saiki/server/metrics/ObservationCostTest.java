package dev.saiki.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.KeyValueSharing;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.ModelConfig;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.audit.Spending;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What observation costs: the same answers with and without it, in turns. It is measured in time of the processor,
/// which other programs do not disturb as they do the time on the wall.
@Tag("slow")
class ObservationCostTest {

    private static final int ROUNDS = 12;
    private static final int ANSWERS = 8;
    private static final int TOKENS = 96;

    /// A shape as small as anyone would serve: for larger ones observation weighs less.
    private static final ModelConfig CONFIG = small();

    @TempDir
    private Path folder;

    private static ModelConfig small() {
        ModelConfig tiny = TinyModels.expertThreshold(KeyValueSharing.NONE);
        return new ModelConfig(
                256,
                688,
                8,
                4,
                2,
                64,
                4096,
                1024,
                tiny.rmsNormEps(),
                tiny.ropeTheta(),
                true,
                0.02,
                OptionalInt.empty(),
                OptionalInt.of(0),
                tiny.recursion(),
                tiny.routing(),
                tiny.kvSharing());
    }

    private static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }

    private static void answer(Engine engine, Optional<ServerMetrics> metrics, int round) {
        List<TokenStream> streams = new ArrayList<>();
        List<RequestClock> clocks = new ArrayList<>();
        for (int i = 0; i < ANSWERS; i++) {
            metrics.ifPresent(watching -> clocks.add(watching.begin("text_completion")));
            int[] prompt = {1 + round, 2 + i, 3};
            streams.add(engine.submit(GenerationRequest.greedy(prompt, TOKENS).withStop(List.of(), false)));
        }
        for (int i = 0; i < ANSWERS; i++) {
            int which = i;
            streams.get(i).forEach(_ -> {
                if (metrics.isPresent()) {
                    clocks.get(which).token();
                }
            });
            assertThat(streams.get(i).finish().tokens()).isEqualTo(TOKENS);
            if (metrics.isPresent()) {
                clocks.get(i).finished("length");
                clocks.get(i).done(new Spending(3, 0, TOKENS, 1, List.of(50L, 25L, 23L), 1, 1));
            }
        }
    }

    private static double time(Runnable work) {
        double start = cpuSeconds();
        work.run();
        return cpuSeconds() - start;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    @Test
    void observationCostsLittle() throws IOException {
        Manifest trained = Manifest.now(
                Optional.empty(),
                Optional.empty(),
                1_000,
                10,
                Map.of(Manifest.DEPTH_SHARE + 1, 0.5, Manifest.DEPTH_SHARE + 2, 0.25, Manifest.DEPTH_SHARE + 3, 0.25));
        CheckpointDirectory model =
                RandomCheckpoint.write(folder.resolve("model"), CONFIG, 1, trained, tensor -> tensor);
        EngineOptions options = EngineOptions.DEFAULT.withThreads(1).withPrefixCache(false);
        // So wide that it judges and never opens: an open one would change what is computed.
        BreakerOptions wide = new BreakerOptions(1 << 20, 1, BreakerOptions.DEFAULT.coolDown());
        try (Engine plain = Engine.withoutText(model, options);
                Engine watched = Engine.withoutText(model, options.withBreaker(wide));
                EngineWatch watch = new EngineWatch(watched, Clock.systemUTC())) {
            ServerMetrics metrics = new ServerMetrics(watched, "small", true);
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < ROUNDS + 2; round++) {
                int number = round;
                Runnable off = () -> answer(plain, Optional.empty(), number);
                // Far more often than Prometheus usually asks.
                Runnable on = () -> {
                    answer(watched, Optional.of(metrics), number);
                    watch.look();
                    assertThat(metrics.scrape()).contains("saiki_router_drift");
                };
                boolean offFirst = round % 2 == 0;
                double first = time(offFirst ? off : on);
                double second = time(offFirst ? on : off);
                if (round >= 2) {
                    ratios.add(offFirst ? second / first : first / second);
                }
            }
            double cost = median(ratios) - 1;
            Files.writeString(
                    Path.of("target", "observation-cost.txt"),
                    String.format(
                            Locale.ROOT,
                            "%.2f %% of the processor's time; single rounds %.2f %% to %.2f %%%n",
                            100 * cost,
                            100 * (Collections.min(ratios) - 1),
                            100 * (Collections.max(ratios) - 1)));
            assertThat(cost).isLessThan(0.02);
        }
    }
}
