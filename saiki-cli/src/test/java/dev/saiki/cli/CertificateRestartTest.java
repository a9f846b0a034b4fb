package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.certificate.EffortLosses;
import dev.saiki.eval.certificate.ScoredConversation;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.evidence.DriftTest;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TestProcess;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server process with a certified effort, which restarts while its answers lose more than the certificate allows.
@Tag("slow")
class CertificateRestartTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Tokenizer TOKENIZER = BytePairTrainer.train(
            List.of("the whale and the captain", "the sea, the ship and the whale")
                    .iterator(),
            BytePairTrainer.SMALLEST_VOCABULARY + 8);
    private static final Pattern FORETOLD =
            Pattern.compile("rises to twice the limit, it takes at most (\\d+) rescored answers");

    private static final long SEED = 5;
    private static final double EFFORT = 0.5;
    private static final int REFERENCE_DEPTH = 3;
    private static final double LIMIT = 0.2;

    /// The share of changed likeliest tokens after the drift, above twice the limit.
    private static final double FLIPPED = 0.5;

    private static final double CONFIDENCE = 0.95;
    private static final int CONVERSATIONS = 24;
    private static final int TOKENS = 4;
    private static final int MAX_CANDIDATES = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Harmful harmful = new Harmful(new int[0], 0, 0);

    /// The number of rescored answers within which the command promises a revocation.
    private int printed;

    /// A prompt, and what its answer loses at the effort.
    ///
    /// @param ids the ids of the prompt
    /// @param lossIncrease the increase of the loss in nats per token, from 0 to 1
    /// @param flipped the share of changed likeliest tokens
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares prompts.
    private record Harmful(int[] ids, double lossIncrease, double flipped) {

        /// The number of answers until the evidence suffices for a revocation.
        int answersUntilRevoked() {
            DriftTest ofLoss = DriftTest.begin(LIMIT);
            DriftTest ofFlips = DriftTest.begin(LIMIT);
            double needed = -Math.log((1 - CONFIDENCE) / 2);
            while (Math.max(ofLoss.logEvidence(), ofFlips.logEvidence()) < needed) {
                ofLoss.observe(lossIncrease);
                ofFlips.observe(flipped);
            }
            return Math.toIntExact(ofFlips.observed());
        }
    }

    private static EffortLosses losses(Engine engine, Continuation text) {
        return EffortLosses.of(
                EFFORT,
                List.of(new ScoredConversation(List.of(text))),
                score(engine, text, 1),
                score(engine, text, EFFORT));
    }

    private static List<ScoredContinuation> score(Engine engine, Continuation text, double effort) {
        RouteSettings route =
                RouteSettings.builder().effort(effort).maxDepth(REFERENCE_DEPTH).build();
        return new EngineContinuationScorer(engine, route, 1).score(List.of(text));
    }

    /// Words of random letters.
    private static Stream<String> words() {
        Random random = new Random(SEED);
        return Stream.generate(() -> random.ints(TOKENS, 'a', 'z' + 1)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining()))
                .limit(MAX_CANDIDATES);
    }

    /// Whether a word, read as a document, loses nothing at the effort.
    private static Predicate<String> losesNothing(Engine engine) {
        return word -> {
            int[] ids = IntStream.concat(IntStream.of(TOKENIZER.endOfTextId()), IntStream.of(TOKENIZER.encode(word)))
                    .toArray();
            EffortLosses losses = losses(engine, new Continuation(ids, 1));
            return losses.meanFlipped() == 0 && losses.meanIncrease() == 0;
        };
    }

    /// The greedy answer to a word at the effort, judged as a server judges it.
    private static Harmful answered(Engine engine, String word) {
        int[] prompt = TOKENIZER.encode(word);
        IntStream.Builder ids = IntStream.builder();
        IntStream.of(prompt).forEach(ids::add);
        engine.submit(GenerationRequest.builder(prompt, TOKENS)
                        .ending(StopConditions.NONE)
                        .sampling(SamplingSettings.builder().temperature(0).build())
                        .route(RouteSettings.builder().effort(EFFORT).build())
                        .build())
                .forEach(token -> ids.add(token.id()));
        EffortLosses losses = losses(engine, new Continuation(ids.build().toArray(), prompt.length));
        return new Harmful(prompt, losses.meanIncrease(), losses.meanFlipped());
    }

    /// Certifies the effort on words that lose nothing, and finds a word whose answer loses more than is allowed.
    @BeforeEach
    void certify() throws IOException {
        Path plain = folder.resolve("plain");
        RandomCheckpoint.write(plain, TinyModels.ofText(TOKENIZER.vocabSize(), 64), 1);
        TOKENIZER.save(plain.resolve("tokenizer.json"));
        Path prompts = folder.resolve("prompts.jsonl");
        try (Engine engine = Engine.open(
                plain, EngineOptions.builder().threads(1).maxSequences(1).build())) {
            harmful = words().map(word -> answered(engine, word))
                    .filter(one -> one.flipped() == FLIPPED && one.lossIncrease() < FLIPPED)
                    .findFirst()
                    .orElseThrow();
            Workbench.write(
                    prompts,
                    words().filter(losesNothing(engine))
                            .limit(CONVERSATIONS)
                            .map("{\"text\":\"%s\"}\n"::formatted)
                            .collect(Collectors.joining()));
        }
        model = folder.resolve("certified");
        String said = CommandRun.of(
                        "certify",
                        "effort",
                        "--model",
                        plain,
                        "--prompts",
                        prompts,
                        "--risk",
                        LIMIT,
                        "--confidence",
                        CONFIDENCE,
                        "--efforts",
                        EFFORT,
                        "--out",
                        model)
                .succeeds()
                .err();
        Matcher foretold = FORETOLD.matcher(said);
        assertThat(foretold.find()).as(said).isTrue();
        printed = Integer.parseInt(foretold.group(1));
    }

    private ServeProcess serve() throws IOException {
        return ServeProcess.start(model, "--effort", "certified", "--rescore-fraction", "1");
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private JsonNode guard(ServeProcess server) throws IOException, InterruptedException {
        URI router = URI.create(server.base()).resolve("/router");
        return JSON.readTree(send(HttpRequest.newBuilder(router))).path("certificate");
    }

    private static long judged(JsonNode guard) {
        return guard.path("answers").asLong();
    }

    private static boolean isRevoked(JsonNode guard) {
        return guard.path("revoked").asBoolean();
    }

    /// Requests answers, each after the one before it was judged, until the certificate is revoked.
    ///
    /// @return the number of judged answers, at most the given number
    private int ask(ServeProcess server, int requests) throws IOException, InterruptedException {
        String body = "{\"prompt\":" + Arrays.toString(harmful.ids()) + ",\"ignore_eos\":true,\"temperature\":0"
                + ",\"max_tokens\":" + TOKENS + "}";
        int sent = 0;
        for (JsonNode guard = guard(server); sent < requests && !isRevoked(guard); sent++) {
            long before = judged(guard);
            send(HttpRequest.newBuilder(URI.create(server.base() + "/completions"))
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
            long latest = System.nanoTime() + PATIENCE.toNanos();
            while (judged(guard) == before) {
                assertThat(System.nanoTime()).as("%s", guard).isLessThan(latest);
                Thread.sleep(5);
                guard = guard(server);
            }
        }
        return sent;
    }

    /// A server that forgot its evidence would need the foretold number of answers after its last start alone.
    @Test
    void theEvidenceOfAnEndedAndOfAKilledServerCountsTowardsTheForetoldNumber(TestReporter reporter) throws Exception {
        int needed = harmful.answersUntilRevoked();
        assertThat(needed).as("%s", harmful).isBetween(6, printed);
        reporter.publishEntry(
                "answers until revoked", needed + ", at most " + printed + " after 10,000 answers without loss");

        int sent = 0;
        try (ServeProcess server = serve()) {
            sent += ask(server, needed / 3);
            server.terminate();
            server.saidUntilItsEnd();
        }
        try (ServeProcess server = serve()) {
            assertThat(judged(guard(server))).isEqualTo(sent);
            sent += ask(server, needed / 3);
            server.kill();
        }
        assertThat(sent).isEqualTo(needed / 3 * 2);
        try (ServeProcess server = serve()) {
            assertThat(judged(guard(server))).isEqualTo(sent);
            sent += ask(server, needed - sent);
            assertThat(sent).isEqualTo(needed);
            assertThat(isRevoked(guard(server))).as("%s", guard(server)).isTrue();
            server.terminate();
            server.saidUntilItsEnd();
        }
        TestProcess.Ended refused = ServeProcess.failing(model, "--effort", "certified");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.output()).contains("was revoked because live answers lost more than it allows");
    }
}
