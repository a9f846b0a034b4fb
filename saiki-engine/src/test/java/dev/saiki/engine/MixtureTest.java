package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Tests that no request affects another: random requests in random order and random chunks, some of them
/// cancelled, with so little memory that sequences are preempted, get the same answers as alone. Many requests
/// begin alike and reuse cached prefixes; a request alone finds none.
class MixtureTest {

    private static final int KINDS_OF_REQUESTS = 40;
    private static final int BEGINNINGS = 4;
    private static final long SEED = 4711;

    @TempDir
    private Path folder;

    @Test
    void aHundredMixturesOfEachKindChangeNothing() throws IOException {
        Tally tally = new Tally();
        for (KeyValueSharing sharing : KeyValueSharing.values()) {
            run(sharing, WeightFormat.FLOAT32, 100, tally);
        }
        for (WeightFormat format : WeightFormat.values()) {
            run(KeyValueSharing.NONE, format, 50, tally);
        }
        assertBusy(tally);
    }

    @Test
    @Tag("slow")
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void tenThousandMixturesChangeNothing() throws IOException {
        Tally tally = new Tally();
        for (WeightFormat format : WeightFormat.values()) {
            run(KeyValueSharing.NONE, format, 10_000, tally);
        }
        assertBusy(tally);
    }

    private void run(KeyValueSharing sharing, WeightFormat format, int mixtures, Tally tally) throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(
                folder.resolve(sharing.key() + format.key()), Models.expertChoice(sharing), SEED);
        List<GenerationRequest> requests = requests();
        List<Answer> alone = new ArrayList<>();
        EngineOptions options = EngineOptions.builder()
                .weights(format)
                .threads(1)
                .prefixCache(false)
                .build();
        try (Engine engine = Engine.withoutText(checkpoint, options)) {
            requests.forEach(request -> alone.add(read(engine.submit(request))));
        }
        Random random = new Random(SEED);
        int run = 0;
        while (run < mixtures) {
            int here = Math.min(50, mixtures - run);
            try (Engine engine = Engine.withoutText(checkpoint, options(format, random))) {
                for (int i = 0; i < here; i++) {
                    mix(engine, requests, alone, random, tally);
                }
                EngineStatistics after = engine.clearPrefixCache();
                assertThat(after.prefixes().nodes()).as("nodes left").isZero();
                assertThat(after.prefixes().pagesKept()).as("pages kept").isZero();
                tally.preemptions += after.preemptions();
                tally.tokensServed += after.prefixes().tokensServed();
            }
            run += here;
        }
    }

    private static void assertBusy(Tally tally) {
        assertThat(tally.preemptions).as("sequences had to make room").isPositive();
        assertThat(tally.cancelled).as("requests were cancelled on the way").isPositive();
        assertThat(tally.tokensServed).as("tokens were not computed again").isPositive();
    }

    /// The tokens of an answer, and the mean depth.
    private record Answer(List<Token> tokens, double meanDepth) {}

    private static final class Tally {
        private long preemptions;
        private long tokensServed;
        private int cancelled;
    }

    private static EngineOptions options(WeightFormat format, Random random) {
        int chunk = 1 + random.nextInt(20);
        long longest = 66_000;
        return EngineOptions.builder()
                .weights(format)
                .threads(1 + random.nextInt(2))
                .chunkTokens(chunk)
                .maxRows(chunk + random.nextInt(40))
                .maxSequences(1 + random.nextInt(12))
                .maxWaiting(64)
                .cacheBytes(longest + random.nextInt(60_000))
                .build();
    }

    private static List<GenerationRequest> requests() {
        Random random = new Random(SEED);
        List<int[]> beginnings =
                Stream.generate(() -> Models.text(random, 30)).limit(BEGINNINGS).toList();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < KINDS_OF_REQUESTS; i++) {
            int[] prompt = Models.text(random, 1 + random.nextInt(30));
            int[] beginning = beginnings.get(random.nextInt(BEGINNINGS));
            System.arraycopy(beginning, 0, prompt, 0, random.nextInt(prompt.length + 1));
            GenerationRequest request = GenerationRequest.greedy(prompt, 1 + random.nextInt(30));
            requests.add(
                    switch (i % 4) {
                        case 0 ->
                            request.toBuilder()
                                    .sampling(SamplingSettings.builder()
                                            .temperature(1)
                                            .topK(40)
                                            .build())
                                    .seed(random.nextLong())
                                    .build();
                        case 1 ->
                            request.toBuilder()
                                    .route(RouteSettings.within(1, 1 + random.nextInt(3)))
                                    .build();
                        default -> request;
                    });
        }
        return requests;
    }

    private static void mix(
            Engine engine, List<GenerationRequest> requests, List<Answer> alone, Random random, Tally tally) {
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            int count = 1 + random.nextInt(10);
            for (int i = 0; i < count; i++) {
                int which = random.nextInt(requests.size());
                TokenStream stream = engine.submit(requests.get(which));
                Answer expected = alone.get(which);
                int cancelAfter = random.nextInt(4) == 0 ? random.nextInt(10) : Integer.MAX_VALUE;
                answers.add(CompletableFuture.runAsync(
                        () -> readAndCompare(stream, expected, cancelAfter, tally), readers));
            }
        }
        answers.forEach(CompletableFuture::join);
        EngineStatistics after = engine.statistics();
        assertThat(after.cache().pagesInUse()).as("pages left").isZero();
        assertThat(after.cache().bytesInUse()).as("bytes left").isZero();
        assertThat(after.running() + after.waiting()).as("requests left").isZero();
    }

    private static void readAndCompare(TokenStream stream, Answer expected, int cancelAfter, Tally tally) {
        List<Token> tokens = new ArrayList<>();
        for (Token token : stream) {
            tokens.add(token);
            if (tokens.size() == cancelAfter) {
                stream.cancel();
            }
        }
        if (stream.finish().reason() == FinishReason.CANCELLED) {
            synchronized (tally) {
                tally.cancelled++;
            }
            assertThat(tokens).isEqualTo(expected.tokens().subList(0, tokens.size()));
        } else {
            assertThat(stream.finish().reason()).isEqualTo(FinishReason.MAX_TOKENS);
            assertThat(new Answer(tokens, stream.finish().meanDepth())).isEqualTo(expected);
        }
    }

    private static Answer read(TokenStream stream) {
        List<Token> tokens = new ArrayList<>();
        stream.forEach(tokens::add);
        return new Answer(tokens, stream.finish().meanDepth());
    }
}
