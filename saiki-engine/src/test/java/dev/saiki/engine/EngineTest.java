package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.testkit.MappedMemory;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class EngineTest {

    private static final long SEED = 20261124;
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(2).build();

    /// The time after which a test gives up waiting for an event.
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /// A tokenizer with one token for each byte.
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    private Engine open(Model model, EngineOptions options) throws IOException {
        return Engine.open(RandomCheckpoint.write(folder.resolve("model"), model.config(), SEED), BYTES, options);
    }

    private Engine expertChoice(EngineOptions options) throws IOException {
        return open(new Model("", Models.expertChoice(KeyValueSharing.NONE)), options);
    }

    private static GenerationRequest request(int[] prompt, int tokens) {
        return GenerationRequest.builder(prompt, tokens)
                .ending(StopConditions.NONE)
                .build();
    }

    private static List<Token> read(Engine engine, GenerationRequest request) {
        List<Token> tokens = new ArrayList<>();
        engine.submit(request).forEach(tokens::add);
        return tokens;
    }

    private static int[] withAnswer(int[] prompt, List<Token> tokens) {
        int[] text = Arrays.copyOf(prompt, prompt.length + tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            text[prompt.length + i] = tokens.get(i).id();
        }
        return text;
    }

    @Test
    void aFolderOpensWithTheTokenizerThatLiesInIt() throws IOException {
        Path model = folder.resolve("model");
        RandomCheckpoint.write(model, Models.vanilla(), SEED);
        BYTES.save(model.resolve("tokenizer.json"));
        try (Engine engine = Engine.open(model, OPTIONS)) {
            assertThat(engine.tokenizer().vocabSize()).isEqualTo(BytePairTrainer.SMALLEST_VOCABULARY);
            assertThat(read(engine, request(new int[] {1, 2}, 3))).hasSize(3);
        }
    }

    @Test
    void aModelIsHeldAsItIsStoredUnlessAnotherFormatIsChosen() throws IOException {
        ModelConfig config = TinyModels.expertThreshold(KeyValueSharing.NONE);
        CheckpointDirectory full = RandomCheckpoint.write(folder.resolve("full"), config, SEED);
        CheckpointDirectory halved = RandomCheckpoint.write(
                folder.resolve("halved"),
                config,
                SEED,
                Manifest.untrained(),
                tensor -> ParameterNames.isStoredInFloat32(tensor.name()) ? tensor : halved(tensor));
        try (Engine ofFull = Engine.withoutText(full, EngineOptions.DEFAULT);
                Engine ofHalved = Engine.withoutText(halved, EngineOptions.DEFAULT);
                Engine widened = Engine.withoutText(
                        halved,
                        EngineOptions.builder().weights(WeightFormat.FLOAT32).build())) {
            assertThat(ofFull.weightFormat()).isEqualTo(WeightFormat.FLOAT32);
            assertThat(ofHalved.weightFormat()).isEqualTo(WeightFormat.BFLOAT16);
            assertThat(widened.weightFormat()).isEqualTo(WeightFormat.FLOAT32);
            assertThat(ofHalved.weightBytes()).isLessThan(ofFull.weightBytes());
        }
    }

    private static StoredTensor halved(StoredTensor tensor) {
        float[] values = tensor.toFloats();
        MemorySegment memory = Arena.ofAuto().allocate((long) Short.BYTES * values.length);
        for (int i = 0; i < values.length; i++) {
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, (long) Short.BYTES * i, (short)
                    (Float.floatToRawIntBits(values[i]) >>> Short.SIZE));
        }
        return new StoredTensor(tensor.name(), StoredType.BF16, tensor.shape(), memory);
    }

    @ParameterizedTest
    @EnumSource(CacheFormat.class)
    void keysAndValuesTakeTheBytesOfTheirFormat(CacheFormat format) throws IOException {
        assumeTrue(format != CacheFormat.INT8 || Engine.kernels(WeightFormat.FLOAT32) == Kernels.C);
        ModelConfig config = Models.expertChoice(KeyValueSharing.NONE);
        try (Engine engine = expertChoice(OPTIONS);
                Engine other = Engine.withoutText(
                        RandomCheckpoint.write(folder.resolve("other"), config, SEED),
                        OPTIONS.toBuilder().cacheFormat(format).build())) {
            long bytes = CacheFormat.FLOAT32.slotBytes(config.headDim());
            long pages = engine.statistics().cache().pages();
            assertThat((long) other.statistics().cache().pages())
                    .isCloseTo(pages * bytes / format.slotBytes(config.headDim()), withinPercentage(1));
            int[] text = Models.text(new Random(SEED), 40);
            double[] exact = engine.score(ScoreRequest.of(text, RouteSettings.within(2, 2)))
                    .join()
                    .logprobs();
            double[] rounded = other.score(ScoreRequest.of(text, RouteSettings.within(2, 2)))
                    .join()
                    .logprobs();
            assertThat(rounded).containsExactly(exact, within(format == CacheFormat.FLOAT32 ? 0 : 0.05));
        }
    }

    @Test
    void whatIsWrongInAFolderIsThrownAsItIs() throws IOException {
        Path model = folder.resolve("model");
        ModelConfig config = Models.vanilla();
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.required(config).forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
            Arrays.fill(values, Float.POSITIVE_INFINITY);
            tensors.add(StoredTensor.ofFloats(name, shape, values));
        });
        CheckpointDirectory.write(model, config, tensors, Optional.empty(), Manifest.untrained());
        BYTES.save(model.resolve("tokenizer.json"));
        assertThatThrownBy(() -> Engine.open(
                        model, OPTIONS.toBuilder().weights(WeightFormat.INT8).build()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("Q8_0 cannot hold");
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        assertThatThrownBy(() -> Engine.open(model, OPTIONS)).isInstanceOf(InputException.class);
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsWrittenScoresAsItSaid(Model model) throws IOException {
        try (Engine engine = open(model, OPTIONS)) {
            int[] prompt = Models.text(new Random(SEED), 11);
            List<Token> tokens = read(engine, request(prompt, 20));
            TokenScores scores = engine.score(withAnswer(prompt, tokens), RouteSettings.MODEL)
                    .join();
            assertThat(tokens).hasSize(20);
            for (Token token : tokens) {
                assertThat(token.logprob()).isEqualTo(scores.logprobs()[token.position()]);
                assertThat(token.depth()).isEqualTo(scores.depths()[token.position() - 1]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void laterTokensChangeNothingBeforeThem(Model model) throws IOException {
        try (Engine engine = open(model, OPTIONS)) {
            Random random = new Random(SEED);
            int[] text = Models.text(random, 40);
            TokenScores before = engine.score(text, RouteSettings.MODEL).join();
            for (int changed : List.of(39, 20, 1)) {
                int[] other = text.clone();
                System.arraycopy(Models.text(random, 40 - changed), 0, other, changed, 40 - changed);
                TokenScores after = engine.score(other, RouteSettings.MODEL).join();
                assertThat(Arrays.copyOf(after.logprobs(), changed))
                        .isEqualTo(Arrays.copyOf(before.logprobs(), changed));
                assertThat(Arrays.copyOf(after.depths(), changed)).isEqualTo(Arrays.copyOf(before.depths(), changed));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void theKernelsCountTheFlopsThatTheDepthsSay(Model model) throws IOException {
        try (Engine engine =
                open(model, OPTIONS.toBuilder().chunkTokens(7).maxRows(16).build())) {
            Random random = new Random(SEED);
            long expected = 0;
            for (int length : List.of(1, 13, 40)) {
                int[] text = Models.text(random, length);
                TokenScores scores = engine.score(text, RouteSettings.MODEL).join();
                expected += SequenceCost.of(model.config(), scores.depths(), Integer.MAX_VALUE, length - 1)
                        .flops();
                TokenScores shallow =
                        engine.score(text, RouteSettings.within(1, 2)).join();
                expected += SequenceCost.of(model.config(), shallow.depths(), 2, length - 1)
                        .flops();
            }
            assertThat(engine.statistics().flops().total()).isEqualTo(expected);
            List<Token> tokens = read(engine, request(Models.text(random, 5), 9));
            assertThat(tokens).hasSize(9);
        }
    }

    @Test
    void aMinimumOfDepthIsKept() throws IOException {
        try (Engine engine = expertChoice(OPTIONS)) {
            int[] text = Models.text(new Random(SEED), 40);
            assertThat(engine.score(text, RouteSettings.MODEL).join().depths()).contains(1, 2, 3);
            assertThat(engine.score(text, RouteSettings.within(2, 3)).join().depths())
                    .contains(2, 3)
                    .doesNotContain(1);
            assertThat(engine.score(text, RouteSettings.within(2, 2)).join().depths())
                    .containsOnly(2);
        }
    }

    @Test
    void forcedDepthsAreTaken() throws IOException {
        try (Engine engine = expertChoice(OPTIONS)) {
            DepthHistogram thirds = new DepthHistogram(List.of(1.0 / 3, 1.0 / 3, 1.0 / 3), SEED);
            int[] depths = engine.score(
                            Models.text(new Random(SEED), 60),
                            RouteSettings.builder().forced(thirds).build())
                    .join()
                    .depths();
            for (int depth = 1; depth <= 3; depth++) {
                int wanted = depth;
                assertThat(Arrays.stream(depths)
                                .filter(taken -> taken == wanted)
                                .count())
                        .as("depth %d", depth)
                        .isBetween(19L, 21L);
            }
        }
    }

    @Test
    void theDialReachesFromFewRecursionsToAll() throws IOException {
        try (Engine engine = open(new Model("", Models.expertThreshold()), OPTIONS)) {
            int[] text = Models.text(new Random(SEED), 60);
            RouteSettings full = RouteSettings.builder().effort(1).build();
            assertThat(engine.score(text, full).join().depths()).containsOnly(3);
            RouteSettings none = RouteSettings.builder().effort(0).build();
            assertThat(engine.score(text, none).join().depths()).containsOnly(1);
            assertThat(engine.score(text, RouteSettings.MODEL).join().depths()).contains(1, 3);
            assertThatThrownBy(() -> engine.score(
                            text, RouteSettings.builder().effort(0.1).build()))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(
                            "effort must be 0, which is one pass, or from 0.25, the lowest effort that this model was trained at");
        }
    }

    @Test
    void stopTextsEndTheAnswerAndAreNotPartOfIt() throws IOException {
        try (Engine engine = expertChoice(OPTIONS)) {
            int[] prompt = Models.text(new Random(SEED), 5);
            List<Token> free = read(engine, request(prompt, 30));
            String text = BYTES.decode(free.stream().mapToInt(Token::id).toArray());
            String stop = text.substring(12, 14);
            try (TokenStream stream = engine.submit(request(prompt, 30).toBuilder()
                    .ending(StopConditions.NONE.toBuilder().texts(List.of(stop)).build())
                    .build())) {
                StringBuilder written = new StringBuilder();
                stream.forEach(token -> written.append(token.text()));
                GenerationResult finish = stream.finish();
                written.append(finish.text());
                assertThat(finish.reason()).isEqualTo(FinishReason.STOP);
                assertThat(written.toString()).isEqualTo(text.substring(0, text.indexOf(stop)));
            }
        }
    }

    @Test
    void biasAndPenaltiesChangeWhatIsWrittenButNotTheLogprobs() throws IOException {
        try (Engine engine = expertChoice(OPTIONS)) {
            int[] prompt = Models.text(new Random(SEED), 5);
            GenerationRequest banned = request(prompt, 12);
            int favourite = read(engine, banned).getFirst().id();
            List<Token> without = read(
                    engine,
                    banned.toBuilder()
                            .penalties(Penalties.NONE)
                            .logitBias(Map.of(favourite, -100.0))
                            .build());
            assertThat(without).extracting(Token::id).doesNotContain(favourite);
            List<Token> varied = read(
                    engine,
                    banned.toBuilder()
                            .penalties(new Penalties(1, 2, 2))
                            .logitBias(Map.of(favourite, 100.0))
                            .build());
            assertThat(varied.getFirst().id()).isEqualTo(favourite);
            TokenScores scores = engine.score(withAnswer(prompt, varied), RouteSettings.MODEL)
                    .join();
            assertThat(varied.getFirst().logprob()).isEqualTo(scores.logprobs()[prompt.length]);
        }
    }

    @Test
    void whatCannotFitIsRefusedAtOnce() throws IOException {
        try (Engine engine = expertChoice(OPTIONS.toBuilder().cacheBytes(60_000).build())) {
            assertThatThrownBy(() -> engine.submit(request(new int[] {1}, Models.CONTEXT)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("max_tokens must be at most 63 after a prompt of 1 tokens");
            assertThatThrownBy(() -> engine.submit(request(new int[] {1}, 60)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("pages of keys and values");
            assertThatThrownBy(() -> engine.submit(request(new int[] {100_000}, 1)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("token id must be from 0 to 256, got 100000");
            refuses(
                    engine,
                    RouteSettings.builder().maxDepth(4),
                    "max_depth must be from 1 to 3, the model's number of recursions");
            refuses(
                    engine,
                    RouteSettings.builder().minDepth(4),
                    "min_depth must be from 1 to 3, the model's number of recursions");
        }
    }

    private static void refuses(Engine engine, RouteSettings.Builder route, String why) {
        GenerationRequest request =
                request(new int[] {1}, 1).toBuilder().route(route.build()).build();
        assertThatThrownBy(() -> engine.submit(request))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(why + ", got 4");
    }

    @Test
    void aLateAnswerEndsWithItsDeadline() throws IOException {
        try (Engine engine = expertChoice(OPTIONS);
                TokenStream stream = engine.submit(request(new int[] {1}, 60).toBuilder()
                        .timeout(Duration.ofNanos(1))
                        .build())) {
            assertThat(stream.finish().reason()).isEqualTo(FinishReason.DEADLINE);
            assertThat(engine.statistics().cache().pagesInUse()).isZero();
        }
    }

    @Test
    void aCancelledAnswerGivesItsPagesBack() throws IOException {
        try (Engine engine = expertChoice(OPTIONS)) {
            try (TokenStream stream = engine.submit(request(new int[] {1}, 60))) {
                stream.iterator().next();
                stream.cancel();
                assertThat(stream.finish().reason()).isIn(FinishReason.CANCELLED, FinishReason.MAX_TOKENS);
            }
            assertThat(engine.statistics().cache().pagesInUse()).isZero();
            assertThat(engine.statistics().cache().bytesInUse()).isZero();
        }
    }

    @Test
    void moreThanMayWaitAreRefused() throws IOException {
        try (Engine engine =
                expertChoice(OPTIONS.toBuilder().maxSequences(1).maxWaiting(2).build())) {
            List<TokenStream> streams = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            streams.add(engine.submit(request(new int[] {1}, 60)));
                        }
                    })
                    .isInstanceOf(QueueFullException.class)
                    .hasMessage("the queue is full, with 2 waiting");
            streams.forEach(TokenStream::cancel);
        }
    }

    /// A request that the engine's thread has just taken from the mailbox must not be counted twice.
    @Test
    void asManyAsMayWaitAreNeverRefused() throws IOException {
        int most = 32;
        EngineOptions options =
                OPTIONS.toBuilder().maxSequences(most).maxWaiting(most).build();
        try (Engine engine = expertChoice(options)) {
            for (int round = 0; round < 100; round++) {
                List<TokenStream> streams = IntStream.range(0, most)
                        .mapToObj(first -> engine.submit(request(new int[] {first}, 1)))
                        .toList();
                streams.forEach(stream -> assertThat(stream.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS));
            }
            assertThat(engine.waiting()).isZero();
        }
    }

    @Test
    void closingEndsWhatIsAtWork() throws IOException {
        TokenStream stream;
        try (Engine engine = expertChoice(OPTIONS)) {
            stream = engine.submit(request(new int[] {1}, 60));
        }
        assertThat(stream.finish().reason()).isIn(FinishReason.FAILED, FinishReason.MAX_TOKENS);
    }

    /// A request must end even if it arrives between the engine thread's last look at the mailbox and the thread's
    /// end.
    @Test
    void whoeverComesWhileItClosesIsAnsweredOrRefused() throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("model"), Models.vanilla(), SEED);
        for (int round = 0; round < 20; round++) {
            Engine engine = Engine.open(
                    checkpoint, BYTES, OPTIONS.toBuilder().threads(1).build());
            Queue<TokenStream> streams = new ConcurrentLinkedQueue<>();
            List<CompletableFuture<Void>> clients = Stream.generate(() -> CompletableFuture.runAsync(
                            () -> comeUntilItIsClosed(engine, streams),
                            task -> Thread.ofPlatform().daemon().start(task)))
                    .limit(4)
                    .toList();
            while (streams.size() < 8) {
                Thread.onSpinWait();
            }
            engine.close();
            assertThat(clients).allSatisfy(client -> assertThat(client).succeedsWithin(PATIENCE));
            assertThat(CompletableFuture.runAsync(() -> streams.forEach(TokenStream::finish)))
                    .succeedsWithin(PATIENCE);
            assertThat(engine.statistics().waiting()).isZero();
            assertThat(engine.clearPrefixCache().prefixes().nodes()).isZero();
        }
    }

    /// A server that changes its model often must not depend on Java's garbage collector to free the weights.
    @Test
    @EnabledOnOs(OS.LINUX)
    void weightsAreGivenBackWhenTheEngineIsClosedOrCannotBeOpened() throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("model"), Models.vanilla(), SEED);
        long before = largeMappings();
        try (Engine _ = Engine.open(checkpoint, BYTES, OPTIONS)) {
            assertThat(largeMappings()).isGreaterThan(before);
        }
        assertThat(largeMappings()).isEqualTo(before);
        EngineOptions impossible = OPTIONS.toBuilder().cacheBytes(1).build();
        assertThatThrownBy(() -> Engine.open(checkpoint, BYTES, impossible)).isInstanceOf(InputException.class);
        assertThat(largeMappings()).isEqualTo(before);
    }

    /// Counts the memory ranges of this process for which large pages were requested.
    private static long largeMappings() throws IOException {
        return MappedMemory.all().stream()
                .filter(MappedMemory::asksForLargePages)
                .count();
    }

    private static void comeUntilItIsClosed(Engine engine, Queue<TokenStream> streams) {
        while (engine.isRunning()) {
            assertThat(engine.statistics().cache().pages()).isPositive();
            try {
                streams.add(engine.submit(request(new int[] {1, 2, 3}, 20)));
            } catch (QueueFullException | IllegalStateException refusal) {
                assertThat(refusal).hasMessageMatching(".*(queue is full|is closed).*");
            }
        }
    }

    @Test
    void aFinishTellsTheDepthOfEveryTokenThatWentThrough() throws IOException {
        try (Engine engine = expertChoice(OPTIONS)) {
            int[] prompt = Models.text(new Random(SEED), 9);
            List<Token> tokens = read(engine, request(prompt, 8));
            TokenScores scores = engine.score(withAnswer(prompt, tokens), RouteSettings.MODEL)
                    .join();
            try (TokenStream stream = engine.submit(request(prompt, 8))) {
                GenerationResult finish = stream.finish();
                assertThat(finish.depths()).isEqualTo(Arrays.copyOf(scores.depths(), 9 + 8 - 1));
                assertThat(finish.meanDepth())
                        .isEqualTo(Arrays.stream(finish.depths()).average().orElseThrow());
            }
        }
    }

    @Test
    void aScoreThatIsCancelledGivesItsPagesBack() throws IOException {
        try (Engine engine =
                expertChoice(OPTIONS.toBuilder().chunkTokens(1).maxRows(1).build())) {
            CompletableFuture<TokenScores> score =
                    engine.score(Models.text(new Random(SEED), Models.CONTEXT), RouteSettings.MODEL);
            score.cancel(true);
            // The engine processes the cancellation first, then the query, and only then could it reach the last
            // token.
            assertThat(engine.statistics().running()).isLessThanOrEqualTo(1);
            List<Token> next = read(engine, request(new int[] {1}, 2));
            assertThat(next).hasSize(2);
            assertThat(engine.statistics().cache().pagesInUse()).isZero();
            assertThat(engine.statistics().stepTokens().getFirst()).isLessThan(Models.CONTEXT);
        }
    }

    @Test
    void whatIsAtWorkAndWhatWaitsCanBeSeen() throws IOException {
        try (Engine engine =
                expertChoice(OPTIONS.toBuilder().maxSequences(1).maxWaiting(5).build())) {
            List<TokenStream> streams = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                streams.add(engine.submit(request(new int[] {1, 2}, 60)));
            }
            // Sequences run one after another; a query seldom comes between the start of a sequence and its first
            // token.
            List<SequenceStatus> sequences = engine.sequences();
            while (!sequences.getFirst().running() || sequences.getFirst().tokens() == 0) {
                sequences = engine.sequences();
            }
            assertThat(sequences).extracting(SequenceStatus::promptTokens).containsOnly(2);
            assertThat(sequences.stream().skip(1)).noneMatch(SequenceStatus::running);
            assertThat(sequences.getFirst().meanDepth()).isBetween(1.0, 3.0);
            assertThat(sequences.getFirst().pagesOfStep()).hasSize(3);
            assertThat(sequences.getFirst().pagesOfStep().getFirst()).isPositive();
            assertThat(sequences.getLast().pagesOfStep()).isEmpty();
            streams.forEach(TokenStream::cancel);
            assertThat(engine.isRunning()).isTrue();
        }
    }

    @Test
    void aModelWithoutTokenizerWritesIdsWithoutText() throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("model"), Models.vanilla(), SEED);
        try (Engine engine = Engine.withoutText(checkpoint, OPTIONS)) {
            assertThat(read(engine, GenerationRequest.greedy(new int[] {1}, 3)))
                    .hasSize(3)
                    .allSatisfy(token -> assertThat(token.text()).isEmpty());
        }
    }
}
