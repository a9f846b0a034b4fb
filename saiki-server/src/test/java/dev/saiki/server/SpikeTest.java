package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.settings.SheddingOptions;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A spike of real prompts: requests that arrive while others wait for their first token get less depth, though
/// the queue is far from full; later requests get the usual depth.
class SpikeTest {

    private static final int CONTEXT = 4096;
    private static final int PROMPT_CHARACTERS = 400;
    private static final int REQUESTS = 16;
    private static final Duration TARGET = Duration.ofMillis(20);
    private static final Duration LATE = Duration.ofMillis(15);

    @TempDir
    private Path folder;

    private static List<String> prompts() {
        try (Stream<Document> pieces =
                Corpus.builtIn().inPieces(PROMPT_CHARACTERS).documents()) {
            return pieces.limit(REQUESTS)
                    .map(piece -> piece.text().replaceAll("[^A-Za-z,.;:!?]+", " "))
                    .toList();
        }
    }

    private TestServer server(Duration target) {
        return TestServer.in(
                folder,
                CONTEXT,
                EngineOptions.builder().threads(1).build(),
                options -> options.shedding(new SheddingOptions(0.25, 0.25, target)));
    }

    private static TestServer.Answer ask(TestServer server, String prompt) {
        return server.post("/v1/completions", "{\"prompt\":\"" + prompt + "\",\"max_tokens\":4,\"ignore_eos\":true}");
    }

    private static boolean isShed(TestServer.Answer answer) {
        int level = answer.succeeds()
                .get("usage")
                .get("recursions")
                .get("shed_level")
                .intValue();
        assertThat(answer.raw().headers().firstValue("Saiki-Shed").isPresent()).isEqualTo(level > 0);
        return level > 0;
    }

    /// Sends all prompts at once, and others while the first ones are in progress.
    ///
    /// @return the number of the other requests that lost depth
    private static long shedInSpike(TestServer server) throws InterruptedException, ExecutionException {
        List<String> prompts = prompts();
        List<TestServer.Answer> late = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<TestServer.Answer>> spike = prompts.stream()
                    .map(prompt -> clients.submit(() -> ask(server, prompt)))
                    .toList();
            TestServer.await(() -> server.engine().longestWait().compareTo(LATE) > 0);
            while (spike.stream().anyMatch(answer -> !answer.isDone())) {
                late.add(ask(server, "the whale " + late.size()));
            }
            for (Future<TestServer.Answer> answer : spike) {
                answer.get().succeeds();
            }
        }
        assertThat(late).isNotEmpty();
        return late.stream().filter(SpikeTest::isShed).count();
    }

    @Test
    void firstTokensThatAreLateShedDepthAndTheNextOnesGetItBack() throws InterruptedException, ExecutionException {
        try (TestServer server = server(TARGET)) {
            assertThat(isShed(ask(server, "alone"))).isFalse();
            assertThat(shedInSpike(server)).isPositive();
            assertThat(server.series())
                    .containsEntry("saiki_refusals_total{model=\"tiny\",status=\"429\"}", 0.0)
                    .containsEntry("saiki_shed_level{model=\"tiny\"}", 0.0);
            assertThat(isShed(ask(server, "alone again"))).isFalse();
        }
    }

    @Test
    void theQueueAloneWouldNotHaveNoticed() throws InterruptedException, ExecutionException {
        try (TestServer server = server(Duration.ZERO)) {
            assertThat(shedInSpike(server)).isZero();
        }
    }
}
