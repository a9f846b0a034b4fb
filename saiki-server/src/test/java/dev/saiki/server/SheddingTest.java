package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.settings.SheddingOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// While many requests wait, new ones get less depth; a request is refused only once depth is at its minimum.
class SheddingTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final int WAITING = 16;

    @TempDir
    private Path folder;

    private TestServer server;
    private final List<HttpResponse<InputStream>> open = new ArrayList<>();

    @BeforeEach
    void start() {
        server = TestServer.in(
                folder,
                65_536,
                EngineOptions.builder()
                        .threads(1)
                        .maxSequences(1)
                        .maxWaiting(WAITING)
                        .build(),
                options -> options.shedding(new SheddingOptions(0.25, 0.25, Duration.ZERO)));
    }

    @AfterEach
    void stop() throws IOException {
        for (HttpResponse<InputStream> response : open) {
            response.body().close();
        }
        server.close();
    }

    private HttpResponse<InputStream> ask(int tokens, String more) {
        HttpResponse<InputStream> response = server.open(
                COMPLETIONS,
                "{\"prompt\":\"a\",\"ignore_eos\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                        + "\"max_tokens\":" + tokens + more + "}");
        open.add(response);
        return response;
    }

    private void fillUpTo(int waiting) {
        for (EngineStatistics now = server.engine().statistics();
                now.waiting() < waiting || now.running() == 0;
                now = server.engine().statistics()) {
            int before = inside(now);
            assertThat(ask(60_000, ",\"effort\":1").statusCode()).isEqualTo(200);
            TestServer.await(() -> inside(server.engine().statistics()) > before);
        }
    }

    /// Both numbers from one moment, since a request that leaves the queue between two readings would count
    /// twice.
    private static int inside(EngineStatistics now) {
        return now.waiting() + now.running();
    }

    private static Optional<String> shed(HttpResponse<?> response) {
        return response.headers().firstValue("Saiki-Shed");
    }

    @Test
    void effortFallsStepByStepToTheFloorBeforeAnyoneIsRefused() {
        ask(60_000, "");
        TestServer.await(() -> server.engine().statistics().running() == 1);
        List<String> told = new ArrayList<>();
        for (int waiting = 0; waiting < WAITING; waiting++) {
            int known = waiting;
            TestServer.await(() -> server.engine().waiting() == known);
            HttpResponse<InputStream> response = ask(5, "");
            assertThat(response.statusCode()).isEqualTo(200);
            told.add(shed(response).orElse("nothing"));
        }
        TestServer.await(() -> server.engine().waiting() == WAITING);
        List<String> expected = new ArrayList<>();
        for (int waiting = 0; waiting < WAITING; waiting++) {
            int level = waiting < 4 ? 0 : 1 + (waiting - 4) / 3;
            expected.add(
                    level == 0
                            ? "nothing"
                            : "level=" + level + "; effort="
                                    + List.of(0.4375, 0.375, 0.3125, 0.25).get(level - 1));
        }
        assertThat(told).isEqualTo(expected);
        assertThat(server.series())
                .containsEntry("saiki_shed_level{model=\"tiny\"}", 4.0)
                .containsEntry("saiki_requests_shed_total{level=\"1\",model=\"tiny\"}", 3.0)
                .containsEntry("saiki_requests_shed_total{level=\"4\",model=\"tiny\"}", 3.0)
                .containsEntry("saiki_refusals_total{model=\"tiny\",status=\"429\"}", 0.0);
        TestServer.Answer refused = server.post(COMPLETIONS, "{\"prompt\":\"a\"}");
        refused.isError(429, "rate_limit_error");
        assertThat(refused.raw().headers().firstValue("Retry-After")).contains("1");
    }

    /// The model's default effort is 0.5; a gateway adds it to every request.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "no",
            value = {
                "'' | level=2; effort=0.375",
                ",\"effort\":0.5 | level=2; effort=0.375",
                ",\"reasoning_effort\":\"medium\" | level=2; effort=0.375",
                ",\"effort\":0.4 | no",
                ",\"effort\":0.75 | no",
                ",\"max_depth\":2 | no",
                ",\"max_depth\":3 | no",
                ",\"effort\":0.5,\"max_depth\":3 | no",
                ",\"effort\":0.5,\"min_depth\":2 | no"
            })
    void onlyWhoSetsNoDepthOrTheDefaultEffortAloneGetsLess(String fields, @Nullable String told) {
        fillUpTo(WAITING / 2);
        assertThat(shed(ask(5, fields))).isEqualTo(Optional.ofNullable(told));
    }

    /// A client that asks for one token or for the prompt's own probabilities compares texts, and would compare
    /// unlike numbers.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | ,\"echo\":true,\"logprobs\":1",
                "1 | ,\"echo\":true,\"logprobs\":1",
                "1 | ,\"logprobs\":5",
                "1 | ,\"temperature\":0",
                "7 | ,\"echo\":true,\"logprobs\":1",
                "7 | ,\"echo\":true,\"return_depths\":true"
            })
    void whatScoresIsLeftAlone(int tokens, String fields) {
        fillUpTo(WAITING / 2);
        HttpResponse<InputStream> scored = ask(tokens, fields);
        assertThat(scored.statusCode()).isEqualTo(200);
        assertThat(shed(scored)).isEmpty();
    }

    @Test
    void theUsageOfAnAnswerSaysHowMuchWasShed() throws IOException {
        HttpResponse<InputStream> first = ask(60_000, ",\"effort\":1");
        TestServer.await(() -> server.engine().statistics().running() == 1);
        for (int waiting = 0; waiting < WAITING / 2; waiting++) {
            ask(60_000, ",\"effort\":1");
        }
        TestServer.await(() -> server.engine().waiting() == WAITING / 2);
        HttpResponse<InputStream> response = ask(40, "");
        for (HttpResponse<InputStream> other : open.subList(0, open.size() - 1)) {
            other.body().close();
        }
        assertThat(first.statusCode()).isEqualTo(200);
        List<String> lines = new String(response.body().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("data: {"))
                .toList();
        JsonNode usage = TestServer.parse(lines.getLast().substring(6)).get("usage");
        assertThat(usage.get("recursions").get("shed_level").intValue()).isEqualTo(2);
        assertThat(server.post(COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":2}")
                        .succeeds()
                        .get("usage")
                        .get("recursions")
                        .get("shed_level")
                        .intValue())
                .as("the queue is empty again")
                .isZero();
    }
}
