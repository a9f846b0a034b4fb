package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.routing.DepthOverrides;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Forced depths have the same effect in the engine and in LibTorch.
class InspectionParityTest {

    private static final double TOLERANCE = 1e-3;
    private static final long SEED = 20261125;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> routed() {
        return Variants.all().stream().filter(variant -> !(variant.config().routing() instanceof Routing.None));
    }

    @ParameterizedTest
    @MethodSource("routed")
    void forcedDepthsMeanTheSameToBoth(Variants.Variant variant) throws IOException {
        Random random = new Random(SEED);
        int[] text = Opened.text(random, 30);
        int[] row = new int[text.length];
        Map<Integer, Integer> depths = new HashMap<>();
        for (int position = 0; position < text.length; position += 3) {
            row[position] = 1 + random.nextInt(variant.config().numRecursions());
            depths.put(position, row[position]);
        }
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder().threads(2).build())) {
            ScoredSequence expected = model.scorer()
                    .score(List.of(text), ScoreOptions.CAUSAL.withForced(DepthOverrides.of(List.of(row))))
                    .getFirst();
            List<InspectedToken> tokens = engine.inspect(
                            text,
                            0,
                            RouteSettings.builder()
                                    .forced(new PositionDepths(depths))
                                    .build())
                    .join();
            assertThat(tokens).extracting(InspectedToken::depth).containsExactly(boxed(expected.depths()));
            for (InspectedToken token : tokens.subList(1, text.length)) {
                assertThat(token.logprob()).isCloseTo(expected.logprobs()[token.position()], within(TOLERANCE));
            }
        }
    }

    private static Integer[] boxed(int[] depths) {
        return Arrays.stream(depths).boxed().toArray(Integer[]::new);
    }
}
