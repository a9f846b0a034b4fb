package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageOrderTest {

    private static final int SEQUENCES = 8;

    @Test
    void tokensThatLeaveAreReplacedBeforeTheExpensiveStageRunsAgain(@TempDir Path folder) throws IOException {
        CheckpointDirectory model =
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.expertThreshold(KeyValueSharing.NONE), 3);
        EngineOptions options =
                EngineOptions.builder().threads(1).prefixCache(false).build();
        try (Engine engine = Engine.withoutText(model, options)) {
            List<TokenStream> streams = HeldEngine.atOnce(
                    engine,
                    () -> IntStream.range(0, SEQUENCES)
                            .mapToObj(i -> engine.submit(GenerationRequest.builder(new int[] {1, i}, 24)
                                    .ending(StopConditions.NONE)
                                    .route(RouteSettings.builder()
                                            .forced(new DepthHistogram(List.of(0.4, 0.3, 0.3), i))
                                            .build())
                                    .build()))
                            .toList());
            streams.forEach(TokenStream::awaitEnd);
            List<EngineStatistics.Stage> stages = engine.statistics().stages();
            EngineStatistics.Stage exit = stages.get(2);
            EngineStatistics.Stage recursion = stages.get(1);
            assertThat(recursion.weightBytes()).isGreaterThan(exit.weightBytes());
            assertThat(recursion.rowsPerRun()).isGreaterThan(6.7);
            assertThat(exit.rowsPerRun()).isLessThan(recursion.rowsPerRun());
        }
    }

    @Test
    void theStageWithTheMostRowsForEachByteIsTheFullest() {
        StageMeter cheap = new StageMeter("cheap", 100);
        StageMeter expensive = new StageMeter("expensive", 1000);
        StageMeter free = new StageMeter("free", 0);
        cheap.await(2);
        expensive.await(19);
        assertThat(cheap.rowsPerByte(64)).isGreaterThan(expensive.rowsPerByte(64));
        assertThat(free.rowsPerByte(64)).isZero();
        free.await(1);
        assertThat(free.rowsPerByte(64)).isGreaterThan(cheap.rowsPerByte(64));
        expensive.await(500);
        assertThat(expensive.rowsPerByte(10)).isEqualTo(0.01);
    }
}
