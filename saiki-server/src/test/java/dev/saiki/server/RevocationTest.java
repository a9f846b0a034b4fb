package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.certificate.DepthScorer;
import dev.saiki.eval.certificate.EffortCertifier;
import dev.saiki.eval.certificate.EffortLosses;
import dev.saiki.eval.certificate.RiskTest;
import dev.saiki.eval.certificate.ScoredConversation;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.evidence.DriftTest;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.SheddingOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// An effort, certified on one kind of conversations, whose live answers come to lose more than its certificate
/// allows.
class RevocationTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String REVOKED = "saiki_certificate_revoked{model=\"tiny\"}";
    private static final double EFFORT = 0.5;
    private static final double LIMIT = 0.2;
    private static final int TOKENS = 4;
    private static final int WAITING = 16;

    /// Conversations of one kind lose nothing at the effort; those of the other kind change at least half of their
    /// likeliest tokens.
    private final List<Continuation> harmless = new ArrayList<>();

    private final List<Continuation> harmful = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path model;
    private EffortCertificate certificate;

    private static Engine open(Path folder) {
        return Engine.open(
                folder,
                EngineOptions.builder()
                        .threads(1)
                        .maxSequences(1)
                        .maxWaiting(WAITING)
                        .build());
    }

    @BeforeEach
    void certify() throws IOException {
        Path plain = folder.resolve("plain");
        RandomCheckpoint.write(plain, TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), 4096), 1);
        TestServer.TOKENIZER.save(plain.resolve("tokenizer.json"));
        CheckpointDirectory checkpoint = CheckpointDirectory.open(plain);
        try (Engine engine = open(plain)) {
            DepthScorer scorer = (texts, effort, maxDepth) -> new EngineContinuationScorer(
                            engine,
                            RouteSettings.builder()
                                    .effort(effort)
                                    .maxDepth(maxDepth)
                                    .build(),
                            WAITING)
                    .score(texts);
            sort(engine, scorer);
            EffortCertifier.Outcome outcome = new EffortCertifier(
                            checkpoint, "float32", List.of(EFFORT), new RiskTest(LIMIT, 0.95))
                    .certify(
                            "harmless conversations",
                            harmless.stream()
                                    .map(text -> new ScoredConversation(List.of(text)))
                                    .toList(),
                            scorer,
                            InstantSource.system(),
                            line -> {});
            certificate = outcome.certificate().orElseThrow();
            model = folder.resolve("tiny");
            checkpoint.writeChanged(
                    model,
                    outcome.config(),
                    Map.of(),
                    checkpoint.manifest().orElseGet(Manifest::untrained).with(certificate));
        }
    }

    /// Sorts the answers to random prompts by what the effort costs.
    private void sort(Engine engine, DepthScorer scorer) {
        Random random = new Random(5);
        while (harmless.size() < 24 || harmful.size() < 3) {
            int[] prompt = random.ints(3, 0, 250).toArray();
            IntStream.Builder ids = IntStream.builder();
            IntStream.of(prompt).forEach(ids::add);
            engine.submit(GenerationRequest.builder(prompt, TOKENS)
                            .ending(StopConditions.NONE)
                            .sampling(SamplingSettings.builder().temperature(0).build())
                            .build())
                    .forEach(token -> ids.add(token.id()));
            Continuation text = new Continuation(ids.build().toArray(), prompt.length);
            EffortLosses losses = EffortLosses.of(
                    EFFORT,
                    List.of(new ScoredConversation(List.of(text))),
                    scorer.score(List.of(text), 1, 3),
                    scorer.score(List.of(text), EFFORT, 3));
            if (losses.meanFlipped() == 0 && losses.meanIncrease() == 0) {
                harmless.add(text);
            } else if (losses.meanFlipped() >= 0.5) {
                harmful.add(text);
            }
        }
    }

    private TestServer server() {
        return TestServer.of(
                open(model),
                options -> options.reload(new ReloadOptions(model, false, true))
                        .shedding(new SheddingOptions(0.25, 0.25, Duration.ZERO))
                        .rescoring(1));
    }

    private static JsonNode guard(TestServer server) {
        return server.get("/router").succeeds().path("certificate");
    }

    private static boolean isRevoked(TestServer server) {
        return guard(server).path("revoked").asBoolean(false);
    }

    private static String write(TestServer server, Continuation text, String fields) {
        return server.post(COMPLETIONS, body(text, TOKENS, ",\"temperature\":0" + fields))
                .succeeds()
                .get("choices")
                .get(0)
                .get("text")
                .stringValue();
    }

    private static String body(Continuation text, int tokens, String fields) {
        int[] prompt = Arrays.copyOf(text.ids(), text.firstScored());
        return "{\"prompt\":" + Arrays.toString(prompt) + ",\"ignore_eos\":true,\"max_tokens\":" + tokens + fields
                + "}";
    }

    /// Sends requests as the gateway does, which names the certified effort, and waits until each is judged.
    ///
    /// @return the number of requests until the certificate was revoked, or all
    private static int serve(TestServer server, List<Continuation> traffic, int requests) {
        int sent = 0;
        while (sent < requests && !isRevoked(server)) {
            long judged = guard(server).path("answers").asLong();
            write(server, traffic.get(sent % traffic.size()), ",\"effort\":" + EFFORT);
            TestServer.await(() -> guard(server).path("answers").asLong() == judged + 1);
            sent++;
        }
        return sent;
    }

    @Test
    void whenTrafficDriftsItIsRevokedWithinTheForetoldNumberOfAnswersAlsoAcrossARestart() {
        int good = 40;
        int foretold =
                DriftTest.delay(LIMIT, certificate.revocationError(), good, 0.5).orElseThrow();
        int sent;
        double evidence;
        try (TestServer server = server()) {
            assertThat(serve(server, harmless, good)).isEqualTo(good);
            assertThat(isRevoked(server)).isFalse();
            sent = serve(server, harmful, 5);
            assertThat(isRevoked(server)).isFalse();
            evidence = guard(server).at("/flipped/log_evidence").asDouble();
        }
        try (TestServer server = server()) {
            assertThat(guard(server).path("answers").asLong()).isEqualTo(good + sent);
            assertThat(guard(server).at("/flipped/log_evidence").asDouble()).isEqualTo(evidence);
            sent += serve(server, harmful, foretold);
            assertThat(isRevoked(server)).isTrue();
            assertThat(sent).isLessThanOrEqualTo(foretold);
            assertThat(server.series()).containsEntry(REVOKED, 1.0);
        }
        try (Engine engine = open(model)) {
            assertThatThrownBy(() ->
                            TestServer.of(engine, options -> options.reload(new ReloadOptions(model, false, true))))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("was revoked");
        }
    }

    @Test
    void whatIsNotServedAtTheCertifiedEffortIsNoEvidence() {
        try (TestServer server = server()) {
            for (String fields : List.of(",\"effort\":0.3", ",\"effort\":0.75", ",\"max_depth\":2", ",\"effort\":1")) {
                write(server, harmful.getFirst(), fields);
            }
            serve(server, harmful, 1);
            assertThat(guard(server).path("answers").asLong()).isEqualTo(1);
            server.post(COMPLETIONS, body(harmful.getFirst(), TOKENS, ",\"n\":3,\"seed\":1"))
                    .succeeds();
            TestServer.await(() -> guard(server).path("answers").asLong() == 2);
            serve(server, harmful, 1);
            assertThat(guard(server).path("answers").asLong())
                    .as("three answers to one prompt count once")
                    .isEqualTo(3);
        }
    }

    @Test
    void aRevokedEffortGivesWayToTheReferenceDepthFromWhichLoadSheds() throws IOException {
        List<HttpResponse<InputStream>> open = new ArrayList<>();
        try (TestServer server = server()) {
            serve(server, harmful, 100);
            assertThat(isRevoked(server)).isTrue();
            Continuation text = harmful.getFirst();
            String reference = write(server, text, ",\"min_depth\":3");
            assertThat(write(server, text, "")).isEqualTo(reference);
            assertThat(write(server, text, ",\"effort\":0.5")).isEqualTo(reference);
            assertThat(write(server, text, ",\"effort\":0.5,\"max_depth\":3")).isEqualTo(reference);
            assertThat(scores(server, text, "")).isEqualTo(scores(server, text, ",\"min_depth\":3"));

            for (int waiting = 0; waiting <= WAITING / 2; waiting++) {
                open.add(server.open(COMPLETIONS, body(text, 4000, ",\"effort\":1,\"stream\":true")));
                int known = waiting;
                TestServer.await(() -> server.engine().waiting() == known
                        && server.engine().statistics().running() == 1);
            }
            assertThat(shed(server, open, "")).isEqualTo("level=2; effort=0.625");
            assertThat(shed(server, open, ",\"effort\":0.5")).isEqualTo("level=2; effort=0.625");
            assertThat(shed(server, open, ",\"effort\":0.5,\"max_depth\":3")).isEmpty();
            assertThat(shed(server, open, ",\"effort\":0.3")).isEmpty();
            assertThat(shed(server, open, ",\"effort\":0.75")).isEmpty();
            assertThat(shed(server, open, ",\"max_depth\":2")).isEmpty();
            for (HttpResponse<InputStream> response : open) {
                response.body().close();
            }
        }
    }

    private static JsonNode scores(TestServer server, Continuation text, String fields) {
        return server.post(COMPLETIONS, body(text, 1, ",\"temperature\":0,\"echo\":true,\"logprobs\":1" + fields))
                .succeeds()
                .at("/choices/0/logprobs/token_logprobs");
    }

    /// Asks without waiting for the answer.
    ///
    /// @return the header about load shedding; empty if there is none
    private String shed(TestServer server, List<HttpResponse<InputStream>> open, String fields) {
        HttpResponse<InputStream> response =
                server.open(COMPLETIONS, body(harmful.getFirst(), TOKENS, ",\"stream\":true" + fields));
        open.add(response);
        return response.headers().firstValue("Saiki-Shed").orElse("");
    }

    @Test
    void theEvidenceOfAFolderThatCannotBeWrittenIsKeptInANamedOne() throws IOException {
        Path named = folder.resolve("evidence");
        try (TestServer server = TestServer.of(
                open(model),
                options -> options.reload(new ReloadOptions(model, false, true))
                        .effortEvidence(named)
                        .rescoring(1))) {
            serve(server, harmful, 1);
        }
        assertThat(named).isDirectoryContaining("glob:**/effort-evidence-*.json");
        assertThat(model).isDirectoryNotContaining("glob:**/effort-*");
    }
}
