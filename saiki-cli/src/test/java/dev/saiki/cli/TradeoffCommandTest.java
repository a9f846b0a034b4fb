package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TradeoffCommandTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);
    private static Path fixedDepth = Path.of("");

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
        fixedDepth = folder.resolve("fixed");
        Path recipe = folder.resolve("fixed.yaml");
        Workbench.write(recipe, Workbench.RECIPE.replaceFirst("(?s)  routing:.*?(?=optimizer:)", ""));
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        recipe,
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        7,
                        "--out",
                        fixedDepth)
                .succeeds();
    }

    private static CommandRun tradeoff(Path model, Object... more) {
        Object[] start = {"eval", "tradeoff", "--model", model};
        return CommandRun.of(
                Stream.concat(Arrays.stream(start), Arrays.stream(more)).toArray());
    }

    @Test
    void exitsAndBoundsAndRoutersAreWrittenAlike() throws IOException {
        Path out = folder.resolve("out/points.json");
        JsonNode fixed = tradeoff(fixedDepth, "--text", bench.corpus(), "--early-exit", "0.8", "--json", "--out", out)
                .succeeds()
                .json();
        JsonNode routed = tradeoff(bench.model(), "--text", bench.corpus(), "--json")
                .succeeds()
                .json();

        assertThat(JsonMapper.shared().readTree(Files.readString(out))).isEqualTo(fixed);
        assertThat(fixed.get("points").size()).isEqualTo(4);
        assertThat(routed.get("points").size()).isEqualTo(3);
        assertThat(routed.get("points").get(0).propertyNames())
                .containsExactlyElementsOf(fixed.get("points").get(1).propertyNames());
        assertThat(fixed.get("points").get(1).get("kind").stringValue()).isEqualTo("early_exit");
        assertThat(fixed.get("early_exit").get("after_layers").size()).isEqualTo(2);
        assertThat(routed.get("test")).isEqualTo(fixed.get("test"));
    }

    @Test
    void theHeldOutDocumentsOfADatasetWillDo() {
        CommandRun run = tradeoff(
                        fixedDepth,
                        "--dataset",
                        bench.data(),
                        "--early-exit",
                        "0.7",
                        "--confidence",
                        "saturation",
                        "--skip-last-layer")
                .succeeds();
        assertThat(run.out())
                .contains("full_depth", "early_exit", "depth_bound", "counted, not timed")
                .contains(
                        "\nfull_depth: every token may take all recursions",
                        "\ndepth_bound: no token takes more than this many recursions (max_depth)",
                        "\nto full: the loss minus the loss of full_depth")
                .doesNotContain("\neffort:");
        assertThat(run.err()).contains("early_exit 0.700: NLL");
    }

    @Test
    void whatIsWrongIsSaidInOneLine() {
        Object[] text = {"--text", bench.corpus()};
        tradeoff(bench.model(), with(text, "--early-exit", "0.5"))
                .isRefused("early exits are for models without routing");
        tradeoff(fixedDepth, with(text, "--early-exit", "0.1")).isRefused("share of the layers must be at least 0.6");
        tradeoff(fixedDepth, with(text, "--early-exit", "2"))
                .isRefused("shares of the layers must be in (0, 1], got 2");
        tradeoff(fixedDepth, with(text, "--every", "9")).isRefused("after every 9 layers");
        tradeoff(fixedDepth, with(text, "--every", "0"))
                .isRefused("every must be a whole number from 1 to 4096, got 0");
        tradeoff(fixedDepth, with(text, "--every", "2147483647")).isRefused("every must be a whole number from 1");
        tradeoff(fixedDepth, with(text, "--depths", "4")).isRefused("depths must be at most the model's 3 recursions");
        tradeoff(fixedDepth, with(text, "--efforts", "0.5")).isRefused("expert_threshold");
        tradeoff(fixedDepth, with(text, "--windows", "0")).isRefused("--windows must be at least 1, got 0");
        tradeoff(fixedDepth, with(text, "--out", folder)).isRefused("--out must be a file, got a folder");
        tradeoff(fixedDepth, "--text", folder.resolve("nothing")).isRefused("nothing: no such file or folder");
        tradeoff(fixedDepth, "--dataset", folder.resolve("nothing")).isRefused("nothing");
    }

    private static Object[] with(Object[] start, Object... more) {
        return Stream.concat(Arrays.stream(start), Arrays.stream(more)).toArray();
    }
}
