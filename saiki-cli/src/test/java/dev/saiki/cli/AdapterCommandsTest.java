package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The commands for an adapter, from its training to a merged model.
class AdapterCommandsTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);
    private static Path adapter = Path.of("");
    private static Path merged = Path.of("");

    @BeforeAll
    static void trainAnAdapter() {
        bench = Workbench.in(folder);
        adapter = folder.resolve("adapter");
        merged = folder.resolve("merged");
        Path recipe = folder.resolve("adapter.yaml");
        String all = Workbench.RECIPE;
        Workbench.write(
                recipe,
                "adapter: {rank: 4, alpha: 16, targets: [q_proj, v_proj, 'model.layers.1.mlp.*']}\n"
                        + all.substring(all.indexOf("optimizer:")));
        CommandRun.of(
                        "train",
                        "--recipe",
                        recipe,
                        "--set",
                        "data.dataset=" + bench.data(),
                        "optimizer.learning_rate=0.05",
                        "schedule.steps=20",
                        "--init-from",
                        bench.model(),
                        "--out",
                        adapter)
                .succeeds();
        CommandRun.of("export", "--model", bench.model(), "--adapter", adapter, "--out", merged)
                .succeeds();
    }

    private static String outputOf(String... words) {
        return CommandRun.of((Object[]) words).succeeds().out();
    }

    private static List<Double> logprobs(Path model, Object... more) {
        Object[] start = {"eval", "score", "--model", model, "--text", "the whale of the sea", "--json"};
        return CommandRun.of(Stream.concat(Stream.of(start), Stream.of(more)).toArray())
                .succeeds()
                .out()
                .lines()
                .map(line -> JsonMapper.shared().readTree(line).get("logprob"))
                .filter(JsonNode::isNumber)
                .map(JsonNode::doubleValue)
                .toList();
    }

    @Test
    void scoresWithAnAdapterAreThoseOfTheMergedModelInBothEngines() {
        List<Double> plain = logprobs(bench.model());
        List<Double> expected = logprobs(merged);
        assertThat(plain).isNotEqualTo(expected);
        for (String engine : List.of("torch", "cpu")) {
            List<Double> added = logprobs(bench.model(), "--adapter", adapter, "--engine", engine);
            assertThat(added).hasSameSizeAs(expected);
            for (int i = 0; i < added.size(); i++) {
                assertThat(added.get(i)).isCloseTo(expected.get(i), within(1e-4));
            }
        }
    }

    @Test
    void textIsWrittenAndTasksAreAnsweredWithIt() {
        String model = bench.model().toString();
        String[] plain = {"generate", "--model", model, "--prompt", "the whale", "--max-tokens", "12", "--json"};
        String[] added = Stream.concat(Stream.of(plain), Stream.of("--adapter", adapter.toString()))
                .toArray(String[]::new);
        String[] together = plain.clone();
        together[2] = merged.toString();
        assertThat(outputOf(added)).isEqualTo(outputOf(together)).isNotEqualTo(outputOf(plain));
        String text = bench.corpus().toString();
        for (String engine : List.of("torch", "cpu")) {
            String[] eval = {"eval", "--model", model, "--text", text, "--limit", "1", "--json", "--engine", engine};
            double without = nll(eval);
            double with = nll(Stream.concat(Stream.of(eval), Stream.of("--adapter", adapter.toString()))
                    .toArray(String[]::new));
            String[] ofMerged = eval.clone();
            ofMerged[2] = merged.toString();
            assertThat(with).isCloseTo(nll(ofMerged), within(1e-3)).isNotCloseTo(without, within(0.01));
        }
    }

    private static double nll(String... words) {
        return JsonMapper.shared()
                .readTree(outputOf(words))
                .get("results")
                .get("text")
                .get("nll,none")
                .doubleValue();
    }

    @Test
    void theMergedModelKeepsWhatTheAdapterLeavesAndNamesItsOrigin() {
        CheckpointDirectory base = CheckpointDirectory.open(bench.model());
        CheckpointDirectory sum = CheckpointDirectory.open(merged);
        assertThat(sum.manifest().orElseThrow().base().orElseThrow().contentHash())
                .isEqualTo(ContentHash.of(base));
        assertThat(sum.hasTokenizer()).isTrue();
        sum.tensors().forEach((name, tensor) -> {
            boolean isChanged = name.contains("q_proj") || name.contains("v_proj") || name.contains("layers.1.mlp");
            float[] before = Objects.requireNonNull(base.tensors().get(name)).toFloats();
            if (isChanged) {
                assertThat(tensor.toFloats()).describedAs(name).isNotEqualTo(before);
            } else {
                assertThat(tensor.toFloats()).describedAs(name).isEqualTo(before);
            }
        });
    }

    @Test
    void aModelGoesOutWithItsAdapter() {
        Path vanilla = folder.resolve("vanilla");
        String all = Workbench.RECIPE;
        Path plain = folder.resolve("vanilla.yaml");
        Workbench.write(
                plain, all.substring(0, all.indexOf("  recursion:")) + all.substring(all.indexOf("optimizer:")));
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        plain,
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        3,
                        "--out",
                        vanilla)
                .succeeds();
        Path recipe = folder.resolve("of-vanilla.yaml");
        Workbench.write(recipe, "adapter: {rank: 2}\n" + all.substring(all.indexOf("optimizer:")));
        Path own = folder.resolve("own");
        CommandRun.of(
                        "train",
                        "--recipe",
                        recipe,
                        "--set",
                        "data.dataset=" + bench.data(),
                        "--init-from",
                        vanilla,
                        "--out",
                        own)
                .succeeds();
        Path out = folder.resolve("out");
        CommandRun.of("export", "--model", vanilla, "--adapter", own, "--format", "hf", "--out", out)
                .succeeds();
        Path sum = folder.resolve("sum");
        CommandRun.of("export", "--model", vanilla, "--adapter", own, "--out", sum)
                .succeeds();
        assertThat(ContentHash.of(CheckpointDirectory.open(out)))
                .isEqualTo(ContentHash.of(CheckpointDirectory.open(sum)))
                .isNotEqualTo(ContentHash.of(CheckpointDirectory.open(vanilla)));
        CommandRun.of("eval", "score", "--model", bench.model(), "--adapter", own, "--text", "the")
                .isRefused("is not an adapter of", "has no map");
    }

    @Test
    void whatIsNoAdapterIsNamed() {
        CommandRun.of("generate", "--model", bench.model(), "--adapter", bench.model(), "--prompt", "a")
                .isRefused("contains no adapter");
        CommandRun.of("generate", "--model", adapter, "--prompt", "a")
                .isRefused("contains an adapter, not a model", "--adapter");
        CommandRun.of("serve", "--model", bench.model(), "--adapter", adapter).isRefused("--adapter", "NAME=DIR");
    }
}
