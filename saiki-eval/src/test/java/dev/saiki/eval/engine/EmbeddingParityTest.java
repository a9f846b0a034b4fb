package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.model.ComputeWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A text's embedding equals the mean of LibTorch's last hidden states.
class EmbeddingParityTest {

    private static final double TOLERANCE = 1e-3;
    private static final long SEED = 20261125;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.all().stream();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void aVectorIsTheMeanOfLibTorchsLastStates(Variants.Variant variant) throws IOException {
        Random random = new Random(SEED);
        List<int[]> texts = List.of(Opened.text(random, Variants.CONTEXT), Opened.text(random, 1));
        boolean hasDial = variant.config().routing() instanceof Routing.ExpertThreshold;
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder().threads(2).build());
                ComputeWeights weights = new ComputeWeights(model.weights(), Precision.FLOAT32);
                RecursiveTransformer transformer = new RecursiveTransformer(weights)) {
            for (int[] text : texts) {
                assertClose(transformer, engine, text, RouteSettings.MODEL);
                assertClose(transformer, engine, text, RouteSettings.within(1, 2));
                if (hasDial) {
                    assertClose(
                            transformer,
                            engine,
                            text,
                            RouteSettings.builder().effort(0.25).build());
                }
            }
        }
    }

    private static void assertClose(RecursiveTransformer transformer, Engine engine, int[] text, RouteSettings route) {
        RoutingRequest request = RoutingRequest.evaluation(
                RoutingRequest.Rule.CAUSAL,
                route.bounds().max().orElse(RoutingRequest.UNBOUNDED),
                route.effort().orElse(Double.NaN));
        float[] vector = engine.embed(text, route).join().vector();
        double[] expected = mean(transformer, text, request);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) vector[i]).as("%s, number %d", route, i).isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    private static double[] mean(RecursiveTransformer transformer, int[] text, RoutingRequest request) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            long[] ids = Arrays.stream(text).asLongStream().toArray();
            float[] states = transformer
                    .forward(Tensors.of(ids, ids.length), 1, text.length, request)
                    .hidden()
                    .toFloats();
            double[] mean = new double[transformer.config().hiddenSize()];
            for (int i = 0; i < states.length; i++) {
                mean[i % mean.length] += states[i];
            }
            double length = Math.sqrt(Arrays.stream(mean).map(x -> x * x).sum());
            return Arrays.stream(mean).map(x -> x / length).toArray();
        }
    }
}
