package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The cost of the router's savings is measured on live answers while no request waits.
class RescoringTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String TOKENS = "saiki_rescored_tokens_total{model=\"tiny\"}";

    @TempDir
    private Path folder;

    private TestServer server(double fraction) {
        return TestServer.in(
                folder, 65_536, EngineOptions.builder().threads(1).build(), options -> options.rescoring(fraction));
    }

    private static JsonNode write(TestServer server, int tokens, String more) {
        return server.post(
                        COMPLETIONS,
                        "{\"prompt\":[5,6,7],\"seed\":4,\"ignore_eos\":true,\"max_tokens\":" + tokens + more + "}")
                .succeeds();
    }

    @Test
    void anAnswerIsScoredAgainAtFullDepthAndTheDifferencesAreCounted() {
        try (TestServer server = server(1)) {
            GenerationRequest same = GenerationRequest.builder(new int[] {5, 6, 7}, 40)
                    .ending(StopConditions.NONE)
                    .sampling(SamplingSettings.UNCHANGED)
                    .seed(4)
                    .build();
            IntStream.Builder text = IntStream.builder().add(5).add(6).add(7);
            server.engine().submit(same).forEach(token -> text.add(token.id()));
            int[] ids = text.build().toArray();
            TokenScores routed = scores(server, ids, RouteSettings.MODEL);
            TokenScores full = scores(server, ids, RouteSettings.within(3, 3));
            double others = 0;
            double forFull = 0;
            double forRouted = 0;
            for (int position = 3; position < ids.length; position++) {
                boolean agree = routed.alternatives().get(position).getFirst().id()
                        == full.alternatives().get(position).getFirst().id();
                others += agree ? 0 : 1;
                double gain = full.logprobs()[position] - routed.logprobs()[position];
                forFull += gain > 0 ? gain : 0;
                forRouted += gain < 0 ? -gain : 0;
            }
            assertThat(forRouted)
                    .as("what the router's depths wrote is likelier to them, on average")
                    .isGreaterThan(forFull);
            assertThat(others).isBetween(1.0, 39.0);

            write(server, 40, "");
            TestServer.await(() -> server.series().getOrDefault(TOKENS, Double.NaN) == 40);
            assertThat(server.series()).containsEntry("saiki_rescored_others_total{model=\"tiny\"}", others);
            assertThat(nats(server, "full")).isCloseTo(forFull, within(1e-6));
            assertThat(nats(server, "routed")).isCloseTo(forRouted, within(1e-6));
        }
    }

    private static double nats(TestServer server, String likelier) {
        return server.series()
                .getOrDefault("saiki_rescored_nats_total{likelier=\"" + likelier + "\",model=\"tiny\"}", Double.NaN);
    }

    private static TokenScores scores(TestServer server, int[] ids, RouteSettings route) {
        return server.engine()
                .score(ScoreRequest.builder(ids, route)
                        .alternatives(1)
                        .continuationFrom(3)
                        .build())
                .join();
    }

    @Test
    void itWaitsUntilNobodyElseIsAtWork() throws IOException {
        try (TestServer server = server(1)) {
            InputStream busy = server.open(
                            COMPLETIONS, "{\"prompt\":\"a\",\"ignore_eos\":true,\"stream\":true,\"max_tokens\":60000}")
                    .body();
            write(server, 10, ",\"stream\":false");
            LockSupport.parkNanos(500_000_000);
            assertThat(server.engine().statistics().running()).isEqualTo(1);
            assertThat(server.series()).containsEntry(TOKENS, 0.0);
            busy.close();
            TestServer.await(() -> server.series().getOrDefault(TOKENS, Double.NaN) == 10);
        }
    }

    @Test
    void answersAtFullDepthAreNotScoredAgainNorAreAnyIfTheFractionIsZero() {
        try (TestServer server = server(1)) {
            write(server, 10, ",\"min_depth\":3");
            write(server, 10, ",\"effort\":1");
            write(server, 7, "");
            TestServer.await(() -> server.series().getOrDefault(TOKENS, Double.NaN) == 7);
        }
        try (TestServer server = server(0)) {
            write(server, 10, "");
            LockSupport.parkNanos(300_000_000);
            assertThat(server.series()).containsEntry(TOKENS, 0.0);
        }
    }
}
