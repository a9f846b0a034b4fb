package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomAdapter;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests of several adapters of one model in one engine.
class AdaptersTest {

    private static final long SEED = 20261127;
    private static final int ADAPTERS = 16;
    private static final int WRITTEN = 12;
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(2).chunkTokens(8).maxRows(64).build();
    private static final EngineOptions UNCACHED =
            OPTIONS.toBuilder().prefixCache(false).build();

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    private CheckpointDirectory base(ModelConfig config) throws IOException {
        return RandomCheckpoint.write(folder.resolve("model"), config, SEED);
    }

    private List<AdapterDirectory> adapters(CheckpointDirectory base, int count) throws IOException {
        List<AdapterDirectory> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(RandomAdapter.write(folder.resolve("adapter-" + i), base, 1 + i % 5, 0.5, SEED + i));
        }
        return all;
    }

    private static int[] text(int seed, int length) {
        return Models.text(new Random(seed), length);
    }

    private static GenerationRequest request(int[] prompt, long seed) {
        return GenerationRequest.builder(prompt, WRITTEN)
                .sampling(SamplingSettings.builder().temperature(1).build())
                .seed(seed)
                .build();
    }

    private static List<Token> read(TokenStream stream) {
        List<Token> tokens = new ArrayList<>();
        stream.forEach(tokens::add);
        stream.finish().failure().ifPresent(failure -> {
            throw new AssertionError(failure);
        });
        return tokens;
    }

    private static List<Token> written(Engine engine, GenerationRequest request) {
        try (TokenStream stream = engine.submit(request)) {
            return read(stream);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void apartItComputesWhatTheMergedModelComputes(Model model) throws IOException {
        CheckpointDirectory base = base(model.config());
        AdapterDirectory adapter = adapters(base, 1).getFirst();
        int[] text = text(3, 40);
        try (Engine plain = Engine.withoutText(base, UNCACHED);
                Engine merged = Engine.withoutText(AdapterMerge.of(base, adapter), UNCACHED);
                Engine apart = plain.withAdapter(adapter)) {
            TokenScores expected = merged.score(text, RouteSettings.MODEL).join();
            TokenScores actual = apart.score(text, RouteSettings.MODEL).join();
            TokenScores without = plain.score(text, RouteSettings.MODEL).join();
            assertThat(actual.depths()).containsExactly(expected.depths());
            double changed = 0;
            for (int i = 1; i < text.length; i++) {
                assertThat(actual.logprobs()[i]).isCloseTo(expected.logprobs()[i], within(1e-4));
                changed = Math.max(changed, Math.abs(without.logprobs()[i] - expected.logprobs()[i]));
            }
            assertThat(changed).isGreaterThan(1e-2);
            float[] mean = merged.embed(text, RouteSettings.MODEL).join().vector();
            assertThat(apart.embed(text, RouteSettings.MODEL).join().vector())
                    .usingComparatorWithPrecision(1e-4f)
                    .containsExactly(mean);
            List<InspectedToken> inspected =
                    apart.inspect(text, 0, RouteSettings.MODEL).join();
            for (int i = 1; i < text.length; i++) {
                assertThat(inspected.get(i).logprob()).isEqualTo(actual.logprobs()[i]);
            }
        }
    }

    /// Requests of different lengths, so that one batch contains tokens of many adapters at different steps.
    private static List<GenerationRequest> requests() {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i <= ADAPTERS; i++) {
            requests.add(request(text(i / 3, 5 + 2 * (i / 3)), i));
        }
        return requests;
    }

    private void assertSameInCompanyAsAlone(CheckpointDirectory base, EngineOptions options) throws IOException {
        List<AdapterDirectory> adapters = adapters(base, ADAPTERS);
        List<GenerationRequest> requests = requests();
        List<List<Token>> alone = new ArrayList<>();
        for (int i = 0; i <= ADAPTERS; i++) {
            try (Engine plain = Engine.withoutText(
                    base, options.toBuilder().prefixCache(false).build())) {
                alone.add(written(i == 0 ? plain : plain.withAdapter(adapters.get(i - 1)), requests.get(i)));
            }
        }
        assertThat(alone.stream().distinct().count()).isGreaterThan(ADAPTERS - 2);
        try (Engine plain = Engine.withoutText(base, options)) {
            List<Engine> engines = new ArrayList<>(List.of(plain));
            adapters.forEach(adapter -> engines.add(plain.withAdapter(adapter)));
            for (int round = 0; round < 2; round++) {
                List<TokenStream> streams = HeldEngine.atOnce(plain, () -> {
                    List<TokenStream> all = new ArrayList<>();
                    for (int i = 0; i <= ADAPTERS; i++) {
                        all.add(engines.get(i).submit(requests.get(i)));
                    }
                    return all;
                });
                for (int i = 0; i <= ADAPTERS; i++) {
                    assertThat(read(streams.get(i)))
                            .describedAs("request %d in round %d", i, round)
                            .isEqualTo(alone.get(i));
                }
            }
            // The requests shared batches, and if memory sufficed, the second round used prefixes cached by the
            // first.
            assertThat(plain.statistics().stages().get(1).rowsPerRun()).isGreaterThan(4);
            assertThat(plain.statistics().prefixes().tokensServed() > 0)
                    .isEqualTo(options.cacheBytes() == OPTIONS.cacheBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void sixteenAtOnceWriteWhatEachWritesAloneToTheBit(Model model) throws IOException {
        assertSameInCompanyAsAlone(base(model.config()), OPTIONS);
    }

    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void theyDoSoWithABaseOfFewerBits(WeightFormat format) throws IOException {
        assertSameInCompanyAsAlone(
                base(Models.expertThreshold()),
                OPTIONS.toBuilder().weights(format).build());
    }

    /// Memory suffices for only a few requests at a time, and for no cached prefixes.
    @Test
    void theyDoSoWhereMemoryIsShort() throws IOException {
        CheckpointDirectory base = base(Models.expertChoice(KeyValueSharing.NONE));
        long page;
        try (Engine engine = Engine.withoutText(base, OPTIONS)) {
            page = OPTIONS.cacheBytes() / engine.statistics().cache().pages();
        }
        assertSameInCompanyAsAlone(
                base, OPTIONS.toBuilder().cacheBytes(40 * page).build());
    }

    /// An equal prompt reuses pages of the same adapter only; pages of another adapter would change the answer.
    @ParameterizedTest
    @MethodSource("models")
    void pagesOfAnotherAdapterAreNeverUsed(Model model) throws IOException {
        CheckpointDirectory base = base(model.config());
        List<AdapterDirectory> adapters = adapters(base, 2);
        GenerationRequest request = request(text(9, 33), 5);
        try (Engine cached = Engine.withoutText(base, OPTIONS);
                Engine uncached = Engine.withoutText(base, UNCACHED)) {
            List<Engine> ours = new ArrayList<>(List.of(cached));
            List<Engine> fresh = new ArrayList<>(List.of(uncached));
            adapters.forEach(adapter -> {
                ours.add(cached.withAdapter(adapter));
                fresh.add(uncached.withAdapter(adapter));
            });
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < ours.size(); i++) {
                    try (TokenStream stream = ours.get(i).submit(request)) {
                        assertThat(read(stream)).isEqualTo(written(fresh.get(i), request));
                        assertThat(stream.finish().cachedTokens())
                                .describedAs("engine %d, round %d", i, round)
                                .isEqualTo(round == 0 ? 0 : 32);
                    }
                }
            }
            // A second reading of the same folder does not share the first reading's cached pages.
            try (TokenStream stream = cached.withAdapter(adapters.getFirst()).submit(request)) {
                read(stream);
                assertThat(stream.finish().cachedTokens()).isZero();
            }
        }
    }

    @Test
    void anEngineWithAnAdapterNeedsNoClosingAndTellsWhatItHas() throws IOException {
        CheckpointDirectory base = base(Models.expertThreshold());
        AdapterDirectory adapter = adapters(base, 1).getFirst();
        try (Engine plain = Engine.withoutText(base, OPTIONS)) {
            Engine apart = plain.withAdapter(adapter);
            apart.close();
            assertThat(plain.isRunning()).isTrue();
            assertThat(written(apart, request(text(1, 4), 1))).hasSizeGreaterThan(0);
            assertThat(plain.adapter()).isEmpty();
            assertThat(apart.adapter()).contains(adapter);
            assertThat(apart.weightBytes()).isGreaterThan(plain.weightBytes());
        }
    }

    @Test
    void adaptersOfOtherModelsAreRefused() throws IOException {
        CheckpointDirectory base = base(Models.expertThreshold());
        CheckpointDirectory sibling =
                RandomCheckpoint.write(folder.resolve("sibling"), Models.expertThreshold(), SEED + 1);
        AdapterDirectory adapter = RandomAdapter.write(folder.resolve("other"), sibling, 2, 1, 1);
        try (Engine engine = Engine.withoutText(base, OPTIONS)) {
            assertThatThrownBy(() -> engine.withAdapter(adapter))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("is an adapter of another model (" + sibling.path());
        }
    }
}
