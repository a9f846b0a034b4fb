package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.SlidingWindow;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.SequenceStatus;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Models whose every layer has a window read and write texts of many windows with the memory of one, and compute
/// what LibTorch does, which keeps nothing.
class WindowPagesTest {

    private static final int WINDOW = 20;
    private static final int CHUNK = 7;
    private static final int LENGTH = 300;
    private static final int PROMPT = 150;
    private static final int WRITTEN = 100;

    /// A page has 16 tokens of a step: window, chunk and the rest of the first page.
    private static final int MOST_PAGES = 3;

    private static final long CACHE_BYTES = 1 << 16;

    @TempDir
    private Path folder = Path.of("");

    static Stream<Variants.Variant> models() {
        List<Variants.Variant> models = new ArrayList<>();
        models.add(new Variants.Variant("vanilla", windowed(Variants.vanilla(2), ModelFamily.MISTRAL)));
        for (Variants.Variant variant : Variants.withHeads(2)) {
            ModelConfig config = variant.config();
            boolean cycle = config.recursion().isPresent()
                    && config.recursion().get().sharing() == ParameterSharing.MIDDLE_CYCLE;
            boolean kind =
                    config.routing() instanceof Routing.None || config.routing() instanceof Routing.ExpertThreshold;
            if (cycle && kind) {
                models.add(new Variants.Variant(variant.name(), windowed(config, ModelFamily.QWEN3)));
            }
        }
        return models.stream();
    }

    private static ModelConfig windowed(ModelConfig config, ModelFamily family) {
        SlidingWindow all = SlidingWindow.ofLayers(WINDOW, 0, config.numHiddenLayers());
        return config.withMaxPositionEmbeddings(512)
                .withArchitecture(Architecture.of(family).withSlidingWindow(all));
    }

    private static EngineOptions options(long cacheBytes) {
        return EngineOptions.builder()
                .threads(1)
                .chunkTokens(CHUNK)
                .cacheBytes(cacheBytes)
                .build();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTextOfManyWindowsTakesTheMemoryOfOne(Variants.Variant variant) throws IOException {
        int[] text = Opened.text(new Random(3), LENGTH);
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), 3);
                Engine engine = model.engine(options(CACHE_BYTES))) {
            ScoredSequence expected =
                    model.scorer().score(List.of(text), ScoreOptions.CAUSAL).getFirst();
            TokenScores actual = engine.score(text, RouteSettings.MODEL).join();

            assertThat(actual.depths()).isEqualTo(expected.depths());
            for (int position = 1; position < LENGTH; position++) {
                assertThat(actual.logprobs()[position])
                        .as("position %d", position)
                        .isCloseTo(expected.logprobs()[position], within(1e-3));
            }
            assertThat(engine.statistics().cache().bytesInUse()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsWrittenIsTheSameInLittleMemoryAndBehindAPrefix(Variants.Variant variant) throws IOException {
        int[] prompt = Opened.text(new Random(4), PROMPT);
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), 4);
                Engine large = model.engine(options(1 << 26));
                Engine small = model.engine(options(CACHE_BYTES))) {
            List<Token> expected = written(large, prompt, false);
            assertThat(written(small, prompt, true)).isEqualTo(expected);
            assertThat(written(large, prompt, true)).isEqualTo(expected);
            assertThat(large.statistics().prefixes().tokensServed()).isEqualTo(PROMPT - 1);
        }
    }

    private static List<Token> written(Engine engine, int[] prompt, boolean watched) {
        List<Token> tokens = new ArrayList<>();
        try (TokenStream stream = engine.submit(GenerationRequest.builder(prompt, WRITTEN)
                .ending(StopConditions.NONE)
                .build())) {
            for (Token token : stream) {
                tokens.add(token);
                if (watched) {
                    engine.sequences().stream()
                            .map(SequenceStatus::pagesOfStep)
                            .flatMap(List::stream)
                            .forEach(pages -> assertThat(pages).isLessThanOrEqualTo(MOST_PAGES));
                }
            }
        }
        return tokens;
    }

    @ParameterizedTest
    @MethodSource("models")
    void withoutWindowsTheSameTextIsRefused(Variants.Variant variant) throws IOException {
        ModelConfig config = variant.config().withArchitecture(Architecture.LLAMA);
        try (Opened model = new Opened(folder.resolve("model"), config, 3);
                Engine engine = model.engine(options(CACHE_BYTES))) {
            assertThatThrownBy(() -> engine.score(Opened.text(new Random(3), LENGTH), RouteSettings.MODEL))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("pages of keys and values");
        }
    }
}
