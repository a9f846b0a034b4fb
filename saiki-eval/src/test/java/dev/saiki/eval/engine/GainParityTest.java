package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.audit.AuditText;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAuditListener;
import dev.saiki.eval.audit.RouterAuditOptions;
import dev.saiki.eval.audit.RouterAuditor;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TracedSequence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The gains of an audit, which forces one token of a window that LibTorch computes, equal the engine's gains,
/// which computes the window again with every token's depth forced.
class GainParityTest {

    private static final double TOLERANCE = 2e-3;
    private static final long SEED = 20261127;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> routed() {
        return Variants.withHeads(2).stream()
                .filter(variant -> !(variant.config().routing() instanceof Routing.None))
                .filter(variant -> variant.config().kvSharing() != KeyValueSharing.HYBRID)
                .filter(variant -> variant.name().startsWith("MIDDLE_CYCLE"));
    }

    /// The calls of an audit of one token in one window: how it was routed, and each depth of the one token.
    private static final class Recorder {

        private final List<int[]> forced = new ArrayList<>();

        List<TracedSequence> record(Opened model, List<int[]> sequences, ScoreOptions options) {
            List<TracedSequence> traced = model.scorer().trace(sequences, options);
            if (!options.watched().isEmpty()) {
                traced.forEach(window -> forced.add(window.scored().depths()));
            }
            return traced;
        }
    }

    @ParameterizedTest
    @MethodSource("routed")
    void oneTokenForcedIsTheWindowComputedAnew(Variants.Variant variant) throws IOException {
        ModelConfig config = variant.config();
        int[] text = Opened.text(new Random(SEED), 30);
        Recorder recorder = new Recorder();
        try (Opened model = new Opened(folder.resolve("model"), config, SEED);
                Engine engine = model.engine(EngineOptions.builder().threads(1).build())) {
            RouterAudit audit = new RouterAuditor(
                            (sequences, options) -> recorder.record(model, sequences, options),
                            config,
                            Opened.BYTES,
                            new RouterAuditOptions(1, 1, SEED, Double.NaN, 0.01, Double.NaN))
                    .audit(
                            "tiny",
                            AuditText.rankedByItself("text", List.of(text), Opened.BYTES.vocabSize()),
                            Clock.systemUTC(),
                            RouterAuditListener.NONE);
            int[] window = new int[text.length + 1];
            window[0] = Opened.BYTES.endOfTextId();
            System.arraycopy(text, 0, window, 1, text.length);
            // As routed first, then the token at each other depth.
            assertThat(recorder.forced).hasSize(config.numRecursions());
            int position = changedPosition(recorder.forced);
            int routed = recorder.forced.getFirst()[position];
            double[][] lossesByDepth = new double[config.numRecursions() + 1][];
            for (int[] depths : recorder.forced) {
                lossesByDepth[depths[position]] = losses(engine, window, depths);
            }
            for (StepGain gain : audit.gains().subList(1, audit.gains().size())) {
                assertThat(gain.step()).isLessThanOrEqualTo(routed);
                double[] without = lossesByDepth[gain.step()];
                double[] with = lossesByDepth[gain.step() + 1];
                assertThat(gain.worth().mean()).isCloseTo(without[position] - with[position], within(TOLERANCE));
                double following = IntStream.range(position, window.length - 1)
                        .mapToDouble(t -> without[t] - with[t])
                        .sum();
                assertThat(gain.worthWithFollowing().mean()).isCloseTo(following, within(10 * TOLERANCE));
            }
        }
    }

    private static int changedPosition(List<int[]> rows) {
        return IntStream.range(0, rows.getFirst().length)
                .filter(t -> rows.stream().mapToInt(row -> row[t]).distinct().count() > 1)
                .reduce((_, _) -> {
                    throw new AssertionError("more than one token was forced");
                })
                .orElseThrow();
    }

    /// The loss of the token after each position, with every depth forced.
    private static double[] losses(Engine engine, int[] window, int[] depths) {
        Map<Integer, Integer> forced = new HashMap<>();
        for (int t = 0; t < depths.length; t++) {
            forced.put(t, depths[t]);
        }
        List<InspectedToken> tokens = engine.inspect(
                        window,
                        0,
                        RouteSettings.builder()
                                .forced(new PositionDepths(forced))
                                .build())
                .join();
        assertThat(tokens.stream().mapToInt(InspectedToken::depth).toArray()).isEqualTo(depths);
        double[] losses = new double[window.length - 1];
        Arrays.setAll(losses, t -> -tokens.get(t + 1).logprob());
        return losses;
    }
}
