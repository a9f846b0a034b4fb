package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ServerOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchServeCommandTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    private static Path folder;

    private static Path model;
    private static Path corpus;

    @BeforeAll
    static void makeModel() {
        Workbench bench = Workbench.in(folder);
        model = bench.model();
        corpus = bench.corpus();
    }

    private static List<JsonNode> lines(Object... options) {
        CommandRun run = CommandRun.of(options);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out().lines().map(JSON::readTree).toList();
    }

    @Test
    void everyRequestOfALoadIsAnswered() {
        List<JsonNode> lines = lines(
                "bench",
                "serve",
                "--model",
                model,
                "--corpus",
                corpus,
                "--rates",
                "20,60",
                "--seconds",
                "1",
                "--streams",
                "40",
                "--prompt-tokens",
                "8",
                "--tokens",
                "6",
                "--json");
        assertThat(lines).hasSize(3).allSatisfy(line -> {
            assertThat(line.get("answered").intValue()).isPositive();
            assertThat(line.get("refused").intValue()).isZero();
            assertThat(line.get("failed").intValue()).isZero();
            assertThat(line.get("tokens").longValue())
                    .isGreaterThan(line.get("answered").longValue());
            assertThat(line.get("mean_depth").doubleValue()).isGreaterThanOrEqualTo(1);
            assertThat(line.get("prompts").asString()).isEqualTo(corpus.toString());
            assertThat(line.get("cached_tokens").longValue()).isNotNegative();
            assertThat(line.get("first_token_ms").get("p50").doubleValue())
                    .isBetween(0.001, line.get("answer_ms").get("p99").doubleValue());
        });
        assertThat(lines.getLast().get("answered").intValue()).isEqualTo(40);
        assertThat(lines.get(1).get("answered").intValue())
                .isGreaterThan(lines.get(0).get("answered").intValue());
    }

    @Test
    void whatIsTooMuchIsRefusedAndTheRestAnswered() {
        JsonNode line = lines(
                        "bench",
                        "serve",
                        "--model",
                        model,
                        "--corpus",
                        corpus,
                        "--streams",
                        "60",
                        "--prompt-tokens",
                        "8",
                        "--tokens",
                        "20",
                        "--max-sequences",
                        "2",
                        "--max-waiting",
                        "4",
                        "--json")
                .getFirst();
        assertThat(line.get("refused").intValue()).isPositive();
        assertThat(line.get("answered").intValue()).isPositive();
        assertThat(line.get("answered").intValue() + line.get("refused").intValue())
                .isEqualTo(60);
    }

    @Test
    void theCostOfHttpIsMeasuredAgainstTheEngine() {
        JsonNode line = lines(
                        "bench",
                        "serve",
                        "--model",
                        model,
                        "--corpus",
                        corpus,
                        "--overhead",
                        "4",
                        "--rounds",
                        "2",
                        "--warm-up",
                        "0",
                        "--seconds",
                        "0.1",
                        "--prompt-tokens",
                        "8",
                        "--tokens",
                        "10",
                        "--max-depth",
                        "1",
                        "--json")
                .getFirst();
        assertThat(line.get("engine_tokens_per_second").doubleValue()).isPositive();
        assertThat(line.get("failed").intValue()).isZero();
        assertThat(line.get("http_overhead").doubleValue()).isLessThan(1);
        assertThat(line.get("mean_depth").doubleValue()).isEqualTo(1);
        assertThat(line.get("prompts").asString()).isEqualTo(corpus.toString());
    }

    @Test
    void anotherServerEncodesThePromptsItself() throws Exception {
        try (Engine engine = Engine.open(model, EngineOptions.DEFAULT);
                SaikiServer server = SaikiServer.start(
                        engine,
                        ServerOptions.builder("other").at("127.0.0.1", 0).build())) {
            JsonNode line = lines(
                            "bench",
                            "serve",
                            "--url",
                            "http://127.0.0.1:" + server.port(),
                            "--corpus",
                            corpus,
                            "--streams",
                            "8",
                            "--prompt-tokens",
                            "8",
                            "--tokens",
                            "6",
                            "--json")
                    .getFirst();
            assertThat(line.get("answered").intValue()).isEqualTo(8);
            assertThat(line.get("prompts").asString()).isEqualTo(corpus.toString());
        }
    }

    @Test
    void wrongUseIsNamed() {
        CommandRun.of("bench", "serve", "--model", model).isRefused("--rates, --streams or --overhead");
        CommandRun.of("bench", "serve", "--model", model, "--rates", "0")
                .isRefused("--rates must be above 0", "got 0.0");
        CommandRun.of("bench", "serve", "--model", model, "--overhead", "1", "--warm-up", "-1")
                .isRefused("--warm-up must be from 0 to 3600", "got -1.0");
        CommandRun.of("bench", "serve", "--url", "http://127.0.0.1:1", "--overhead", "1")
                .isRefused("needs --model");
        CommandRun.of(
                        "bench",
                        "serve",
                        "--model",
                        model,
                        "--rates",
                        "1",
                        "--prompt-tokens",
                        "100000",
                        "--corpus",
                        corpus)
                .isRefused("must fit the model's context");
    }
}
