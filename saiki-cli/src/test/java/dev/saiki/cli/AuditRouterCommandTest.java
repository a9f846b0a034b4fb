package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.eval.audit.GainRanking;
import dev.saiki.eval.audit.RouterAudit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AuditRouterCommandTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
    }

    private static CommandRun run(Object... more) {
        Object[] start = {"audit", "router", "--model", bench.model(), "--windows", 6, "--samples", 10};
        return CommandRun.of(
                Stream.concat(Arrays.stream(start), Arrays.stream(more)).toArray());
    }

    @Test
    void heldOutDocumentsAreAudited() throws IOException {
        Path out = folder.resolve("audits/audit.json");
        JsonNode printed = run("--dataset", bench.data(), "--out", out, "--json")
                .succeeds()
                .json();
        assertThat(printed.get("setting").get("routing").stringValue()).isEqualTo("expert_choice");
        assertThat(printed.get("data").get("samples").intValue()).isEqualTo(10);
        RouterAudit audit = RouterAudit.FILE.read(out);
        assertThat(audit.data().windows()).isEqualTo(6);
        assertThat(audit.uniform()).hasSize(3);
        assertThat(audit.gains().getFirst().of(GainRanking.HINDSIGHT)).isPresent();
        assertThat(audit.setting().text()).contains("held-out");
    }

    @Test
    void theBestUniformDepthIsWrittenIntoTheCheckpointIfThatIsWanted() throws IOException {
        Path before = bench.model().resolve("manifest.json");
        String manifest = Files.readString(before);
        try {
            run("--text", bench.corpus(), "--write-reference-depth")
                    .isRefused("at least 1,000 tokens in the windows that --windows allows, got 378");
            assertThat(before).hasContent(manifest);
            JsonNode uniform = CommandRun.of(
                            "audit",
                            "router",
                            "--model",
                            bench.model(),
                            "--text",
                            bench.corpus(),
                            "--windows",
                            20,
                            "--samples",
                            20,
                            "--write-reference-depth",
                            "--json")
                    .succeeds()
                    .json()
                    .get("uniform");
            Manifest written =
                    CheckpointDirectory.open(bench.model()).manifest().orElseThrow();
            int best = 1;
            for (int depth = 1; depth <= uniform.size(); depth++) {
                double loss = uniform.get(depth - 1).get("nll").get("mean").doubleValue();
                assertThat(written.metrics()).containsEntry(Manifest.LOSS_AT_DEPTH + depth, loss);
                best = loss < uniform.get(best - 1).get("nll").get("mean").doubleValue() ? depth : best;
            }
            assertThat(written.referenceDepth()).hasValue(best);
        } finally {
            Files.writeString(before, manifest);
        }
    }

    @Test
    void theTableBeginsWithWhatWasFound() {
        CommandRun run = run("--text", bench.corpus()).succeeds();
        assertThat(run.out())
                .startsWith("The router of " + bench.model() + ", audited")
                .contains(
                        "- A further recursion is worth ",
                        "Gain including later tokens",
                        "all steps",
                        "foreseeable",
                        "One recursion more or fewer",
                        "with every token at one depth: ",
                        "position in the window",
                        "Shallowest tokens, with mean depth and count: ",
                        "- There are only ");
        assertThat(run.err()).contains("routed 6/6 windows", "forced 20/20 tokens");
    }

    private static Path init(String name, String recipe) {
        Path model = folder.resolve(name);
        Path file = folder.resolve(name + ".yaml");
        Workbench.write(file, recipe);
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        file,
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        1,
                        "--out",
                        model)
                .succeeds();
        return model;
    }

    @Test
    void aRecursiveModelWithoutARouterIsAuditedToo() {
        Path fixed = init("fixed", Workbench.RECIPE.replaceFirst("(?s)  routing:.*?optimizer:", "optimizer:"));
        Object[] command = {
            "audit",
            "router",
            "--model",
            fixed,
            "--text",
            bench.corpus(),
            "--windows",
            6,
            "--samples",
            10,
            "--share",
            0.3
        };
        CommandRun run = CommandRun.of(command).succeeds();
        assertThat(run.out())
                .startsWith("The recursions of " + fixed + ", audited")
                .contains("- A further recursion is worth ", "Full depth ", " 30.0 % ")
                .doesNotContain("the router", "Depth by property");
        CommandRun.of(Stream.concat(Arrays.stream(command), Stream.of("--write-reference-depth"))
                        .toArray())
                .isRefused("--write-reference-depth", "no router");
    }

    @Test
    void whatCannotBeAuditedIsRefused() {
        Path vanilla = init("vanilla", Workbench.RECIPE.replaceFirst("(?s)  recursion:.*?optimizer:", "optimizer:"));
        CommandRun.of("audit", "router", "--model", vanilla, "--text", bench.corpus())
                .isRefused("no recursion steps to audit", "not set");
        run("--text", folder.resolve("nowhere")).isRefused("nowhere");
        run("--data", folder.resolve("nowhere")).isRefused("nowhere");
        run("--text", bench.corpus(), "--out", folder).isRefused("--out", "a folder");
        run("--text", bench.corpus(), "--effort", 0.5).isRefused("--effort");
        run("--text", bench.corpus(), "--effort", 0)
                .isRefused("effort must be above 0", "at 0 every token takes one pass");
        run("--text", bench.corpus(), "--effort", "NaN").isRefused("--effort", "must be a number, got NaN");
        run("--text", bench.corpus(), "--seed", "x").isRefused("--seed");
        run("--text", bench.corpus(), "--share", 1).isRefused("share", "below 1");
        CommandRun.of("audit", "router", "--model", bench.model(), "--text", bench.corpus(), "--samples", 0)
                .isRefused("samples", "from 1");
        CommandRun.of("audit", "router", "--model", bench.model()).isRefused("--text");
    }
}
