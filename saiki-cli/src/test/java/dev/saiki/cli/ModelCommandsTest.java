package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Commands that succeed, one after another on the same workbench.
class ModelCommandsTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
    }

    private static List<JsonNode> lines(CommandRun run) {
        return run.out().lines().map(MAPPER::readTree).toList();
    }

    @Test
    void scoreIsOneObjectAPosition() {
        CommandRun run = CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "17,3,250,0", "--json")
                .succeeds();
        assertThat(run.err()).isEmpty();
        List<JsonNode> lines = lines(run);
        assertThat(lines).hasSize(4);
        assertThat(lines.getFirst().get("logprob").isNull()).isTrue();
        for (int position = 0; position < 4; position++) {
            JsonNode line = lines.get(position);
            assertThat(line.propertyNames()).containsExactly("position", "id", "logprob", "depth");
            assertThat(line.get("position").asInt()).isEqualTo(position);
            assertThat(line.get("depth").asInt()).isBetween(1, 3);
            assertThat(position == 0 || line.get("logprob").asDouble() < 0).isTrue();
        }
        assertThat(lines.stream().map(line -> line.get("id").asInt())).containsExactly(17, 3, 250, 0);
    }

    @Test
    void aTrainingStartsFromACheckpointWhoseModelTheRecipeNeedNotRepeat() {
        Path recipe = folder.resolve("continue.yaml");
        String all = Workbench.RECIPE;
        Workbench.write(recipe, all.substring(all.indexOf("optimizer:")));
        Path more = folder.resolve("more");
        CommandRun trained = CommandRun.of(
                        "train",
                        "--recipe",
                        recipe,
                        "--set",
                        "data.dataset=" + bench.data(),
                        "--init-from",
                        bench.model(),
                        "--out",
                        more)
                .succeeds();
        assertThat(trained.out())
                .containsPattern("before  NLL \\d\\.\\d{4} nats per token, the model before training\\R");
        JsonNode harmed = CommandRun.of(
                        "train",
                        "--recipe",
                        recipe,
                        "--set",
                        "data.dataset=" + bench.data(),
                        "optimizer.learning_rate=3.0",
                        "--init-from",
                        more,
                        "--out",
                        folder.resolve("harmed"),
                        "--json")
                .succeeds()
                .json();
        assertThat(harmed.at("/before_training/is_best").asBoolean()).isTrue();
        assertThat(harmed.at("/before_training/cross_entropy_loss").asDouble())
                .isLessThan(harmed.at("/validation/cross_entropy_loss").asDouble());
        assertThat(harmed.has("best")).isFalse();
        assertThat(CheckpointDirectory.open(more)
                        .manifest()
                        .orElseThrow()
                        .base()
                        .orElseThrow()
                        .path())
                .isEqualTo(bench.model().toString());
        CommandRun.of(
                        "train",
                        "--recipe",
                        bench.recipe(),
                        "--set",
                        "data.dataset=" + bench.data(),
                        "model.intermediate_size=48",
                        "--init-from",
                        bench.model(),
                        "--out",
                        folder.resolve("narrower"))
                .isRefused("intermediate_size is 64 in the base and 48 in the recipe");
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        recipe,
                        "--set",
                        "initialisation.from=" + bench.model(),
                        "--seed",
                        1,
                        "--out",
                        folder.resolve("drawn"))
                .isRefused("init draws random weights");
    }

    @Test
    void scoreOfATextHasItsTokens() {
        Path text = folder.resolve("some.txt");
        Workbench.write(text, "the whale of the sea");
        CommandRun json = CommandRun.of("eval", "score", "--model", bench.model(), "--file", text, "--json")
                .succeeds();
        CommandRun table = CommandRun.of("eval", "score", "--model", bench.model(), "--file", text)
                .succeeds();
        int tokens = lines(json).size();
        assertThat(tokens).isBetween(5, 20);
        assertThat(table.out()).contains("mean: NLL").hasLineCount(tokens + 2);
        CommandRun typed = CommandRun.of("eval", "score", "--model", bench.model(), "--text", "the whale of the sea")
                .succeeds();
        assertThat(typed.out()).isEqualTo(table.out());
        assertThat(typed.err()).isEmpty();
        assertThat(CommandRun.of("eval", "score", "--model", bench.model(), "--text", text)
                        .succeeds()
                        .err())
                .contains("--file " + text);
    }

    @Test
    void depthCanBeBounded() {
        CommandRun run = CommandRun.of(
                        "eval", "score", "--model", bench.model(), "--ids", "1,2,3,4,5,6", "--max-depth", 1, "--json")
                .succeeds();
        assertThat(lines(run))
                .allSatisfy(line -> assertThat(line.get("depth").asInt()).isEqualTo(1));
    }

    @Test
    void effortIsADialFromTheLeastOfTheGridToEveryRecursion() {
        Path model = folder.resolve("threshold");
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        bench.recipe(),
                        "--set",
                        "model.routing.type=expert_threshold",
                        "model.routing.effort_grid=[0.25, 0.5, 1]",
                        "model.routing.default_effort=0.5",
                        "--seed",
                        7,
                        "--out",
                        model)
                .succeeds();
        Object[] command = {"eval", "score", "--model", model, "--ids", "1,2,3,4,5,6,7,8", "--json", "--effort", 1};
        assertThat(lines(CommandRun.of(command).succeeds()))
                .allSatisfy(line -> assertThat(line.get("depth").asInt()).isEqualTo(3));
        command[command.length - 1] = 0.5;
        List<JsonNode> half = lines(CommandRun.of(command).succeeds());
        assertThat(half)
                .anySatisfy(line -> assertThat(line.get("depth").asInt()).isEqualTo(1));
        assertThat(lines(CommandRun.of("eval", "score", "--model", model, "--ids", "1,2,3,4,5,6,7,8", "--json")
                        .succeeds()))
                .isEqualTo(half);
        command[command.length - 1] = 0.2;
        CommandRun.of(command)
                .isRefused(
                        "--effort must be 0, which is one pass, or from 0.25, the lowest effort that this model was trained at, to 1, got 0.2");
        command[command.length - 1] = 1.5;
        CommandRun.of(command)
                .isRefused(
                        "--effort must be 0, which is one pass, or from 0.25, the lowest effort that this model was trained at, to 1, got 1.5");
    }

    @Test
    void topKSaysThatItIsNotCausal() {
        CommandRun run = CommandRun.of(
                        "eval",
                        "score",
                        "--model",
                        bench.model(),
                        "--ids",
                        "1,2,3,4,5,6",
                        "--routing",
                        "top_k",
                        "--json")
                .succeeds();
        assertThat(run.err()).contains("not causal");
        assertThat(lines(run)).hasSize(6);
    }

    @Test
    void measurementsComputeEveryTokenThoughRoundsRepeatTheirPrompts() {
        for (String measure : List.of("prefill", "decode")) {
            JsonNode line = CommandRun.of(
                            "bench",
                            measure,
                            "--model",
                            bench.model(),
                            "--sequences",
                            2,
                            "--prompt-tokens",
                            20,
                            "--rounds",
                            2,
                            "--threads",
                            1,
                            "--corpus",
                            bench.corpus(),
                            "--json",
                            measure.equals("decode") ? "--tokens=3" : "--cache-mib=16")
                    .succeeds()
                    .json();
            assertThat(line.get("measure").asString()).isEqualTo(measure);
            assertThat(line.get("cached_tokens").asInt()).isZero();
            assertThat(line.get("prompts").asString()).isEqualTo(bench.corpus().toString());
            assertThat(line.get("depths").asString()).isEqualTo("routed");
            assertThat(line.get("mean_depth").asDouble()).isBetween(1.0, 3.0);
        }
    }

    private static Object[] decoding(Path model, Object... more) {
        List<Object> command = new ArrayList<>(List.of("bench", "decode", "--model", model, "--sequences", 8));
        command.addAll(List.of("--prompt-tokens", 12, "--tokens", 48, "--rounds", 1, "--threads", 1, "--json"));
        command.addAll(List.of(more));
        return command.toArray();
    }

    @Test
    void alignedDepthsAreMeasuredBesideRaggedOnesWithEquallyManyRecursions() {
        List<JsonNode> lines = lines(CommandRun.of(decoding(
                        bench.model(),
                        "--corpus",
                        bench.corpus(),
                        "--depth-shares",
                        "0.3333334,0.3333333,0.3333333",
                        "--aligned-depths"))
                .succeeds());
        assertThat(lines.stream().map(line -> line.get("measure").asString()))
                .containsExactly("decode", "decode_aligned");
        assertThat(lines.stream().map(line -> line.get("depths").asString())).containsExactly("ragged", "aligned");
        assertThat(lines)
                .allSatisfy(
                        line -> assertThat(line.get("mean_depth").asDouble()).isCloseTo(2, within(0.06)));
        assertThat(lines.get(0).has("over_ragged")).isFalse();
        assertThat(lines.get(1).get("over_ragged").asDouble()).isPositive();
        CommandRun.of(decoding(bench.model(), "--aligned-depths")).isRefused("--aligned-depths needs --depth-shares");
    }

    @Test
    void aModelWithoutATokenizerIsMeasuredOnRandomTokensAndTheOutputSaysSo() {
        Path model = folder.resolve("without-tokenizer");
        CommandRun.of("train", "init", "--recipe", bench.recipe(), "--seed", 7, "--out", model)
                .succeeds();
        JsonNode line = CommandRun.of(decoding(model)).succeeds().json();
        assertThat(line.get("prompts").asString()).isEqualTo("random tokens");
        CommandRun.of(decoding(model, "--corpus", bench.corpus())).isRefused("--corpus needs a tokenizer");
    }

    @Test
    void generationIsDecidedByItsSeed() {
        Object[] command = {
            "generate",
            "--model",
            bench.model(),
            "--prompt",
            "the sea",
            "--max-tokens",
            8,
            "--temperature",
            1,
            "--json",
            "--seed",
            5
        };
        JsonNode first = CommandRun.of(command).succeeds().json();
        assertThat(CommandRun.of(command).succeeds().json()).isEqualTo(first);
        assertThat(first.get("prompt").asString()).isEqualTo("the sea");
        assertThat(first.get("stop").asString()).isIn("max_tokens", "end_of_text");
        assertThat(first.get("tokens"))
                .allSatisfy(token -> assertThat(token.propertyNames())
                        .containsExactly("position", "id", "text", "logprob", "depth"));
        command[command.length - 1] = 6;
        assertThat(CommandRun.of(command).succeeds().json().get("tokens")).isNotEqualTo(first.get("tokens"));
    }

    @Test
    void generationWritesWholeCharactersUnlessBrokenOnesAreAllowed() {
        Object[] command = {
            "generate",
            "--model",
            bench.model(),
            "--prompt",
            "the sea",
            "--max-tokens",
            40,
            "--temperature",
            2,
            "--seed",
            1
        };
        assertThat(CommandRun.of(command).succeeds().out()).doesNotContain("\uFFFD");
        Object[] broken = Arrays.copyOf(command, command.length + 1);
        broken[command.length] = "--allow-broken-utf8";
        assertThat(CommandRun.of(broken).succeeds().out()).contains("\uFFFD");
    }

    @Test
    void generationShowsDepthsAsSmallNumbersWithoutATerminal() {
        CommandRun run = CommandRun.of(
                        "generate", "--model", bench.model(), "--prompt", "the sea", "--max-tokens", 4, "--show-depth")
                .succeeds();
        assertThat(run.out()).contains("depth: ₁ ₂ ₃, mean").doesNotContain("\u001b");
        assertThat(run.out().replaceAll("[₁₂₃]", "")).startsWith("the sea");
        assertThat(run.out()).as("the prompt has depths too").containsPattern("^t[₁₂₃]");
    }

    @Test
    void trainingWritesCheckpointsAndGoesOn() throws IOException {
        Path run = folder.resolve("run");
        Object[] command = {
            "train", "--recipe", bench.recipe(), "--set", "data.dataset=" + bench.data(), "--out", run, "--json"
        };
        CommandRun first = CommandRun.of(command).succeeds();
        assertThat(first.json().get("reason").asString()).isEqualTo("completed");
        assertThat(first.json().get("step").asInt()).isEqualTo(6);
        assertThat(first.err())
                .contains("step 1/6", "step 6/6", "held-out: NLL")
                .doesNotContain("\u001b");
        for (String name : List.of("last", "best", "metrics.jsonl", "recipe.resolved.yaml", "tensorboard")) {
            assertThat(run.resolve(name)).exists();
        }

        Object[] longer = {
            "train",
            "--recipe",
            bench.recipe(),
            "--set",
            "data.dataset=" + bench.data(),
            "--out",
            run,
            "--json",
            "--resume"
        };
        assertThat(CommandRun.of(longer).succeeds().json().get("step").asInt()).isEqualTo(6);
        CommandRun.of("eval", "score", "--model", run, "--ids", "1,2,3", "--json")
                .succeeds();
        CommandRun.of("generate", "--model", run.resolve("best"), "--prompt", "", "--max-tokens", 3)
                .succeeds();
    }

    @Test
    void initIsDecidedByItsSeed() throws IOException {
        Path same = folder.resolve("same");
        Path other = folder.resolve("other");
        CommandRun.of("train", "init", "--recipe", bench.recipe(), "--seed", 7, "--out", same, "--json")
                .succeeds();
        CommandRun.of("train", "init", "--recipe", bench.recipe(), "--seed", 8, "--out", other)
                .succeeds();
        assertThat(same.resolve("model.safetensors"))
                .hasSameBinaryContentAs(bench.model().resolve("model.safetensors"));
        assertThat(Files.mismatch(same.resolve("model.safetensors"), other.resolve("model.safetensors")))
                .isNotEqualTo(-1);
    }

    @Test
    void preparedDataIsCounted() {
        Path out = folder.resolve("counted");
        JsonNode json = CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        bench.corpus(),
                        "--tokenizer",
                        bench.tokenizer(),
                        "--out",
                        out,
                        "--json")
                .succeeds()
                .json();
        assertThat(json.at("/train/documents").asInt()
                        + json.at("/validation/documents").asInt())
                .isEqualTo(8);
        assertThat(json.get("vocab_size").asInt()).isEqualTo(280);
    }

    @Test
    void aDatasetThatIsThereStaysAsItIs() throws IOException {
        Path out = folder.resolve("kept");
        Object[] prepare = {
            "data", "prepare", "--corpus", bench.corpus(), "--tokenizer", bench.tokenizer(), "--out", out, "--seed"
        };
        CommandRun.of(Stream.concat(Arrays.stream(prepare), Stream.of(1)).toArray())
                .succeeds();
        byte[] before = Files.readAllBytes(out.resolve("dataset.json"));
        CommandRun.of(Stream.concat(Arrays.stream(prepare), Stream.of(2)).toArray())
                .isRefused("kept: the folder is not empty; choose another folder, or remove this one yourself");
        assertThat(out.resolve("dataset.json")).hasBinaryContent(before);
    }
}
