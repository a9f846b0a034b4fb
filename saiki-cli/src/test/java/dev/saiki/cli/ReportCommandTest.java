package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

/// Reports of a small training, which the command itself made.
class ReportCommandTest {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    @TempDir
    static Path folder = Path.of("");

    private static Path run = Path.of("");

    @BeforeAll
    static void train() {
        Workbench bench = Workbench.in(folder);
        run = folder.resolve("run");
        CommandRun.of("train", "--recipe", bench.recipe(), "--set", "data.dataset=" + bench.data(), "--out", run)
                .succeeds();
    }

    @Test
    void aTrainingHasAReportBesideIt() throws IOException {
        CommandRun report = CommandRun.of("report", "--run", run).succeeds();
        assertThat(report.err()).isEmpty();
        assertThat(report.out())
                .startsWith("Not decided: only a comparison of MoR-3 with an ordinary model")
                .contains("report.html");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("<html lang=\"en\"")
                .contains("predicted next at depth 3: ")
                .contains("./saiki train --recipe");
    }

    @Test
    void aReportCanBeJapaneseAndInOtherForms() throws IOException {
        CommandRun.of("report", "--run", run, "--lang", "ja", "--no-inspection").succeeds();
        assertThat(Files.readString(run.resolve("report.ja.html")))
                .contains("<html lang=\"ja\"")
                .contains("費用の試算");
        CommandRun.of("report", "--run", run, "--format", "markdown", "--out", folder.resolve("r.md"))
                .succeeds();
        assertThat(Files.readString(folder.resolve("r.md")))
                .startsWith("# Not decided: only a comparison of MoR-3 with an ordinary model");
        CommandRun.of("report", "--run", run, "--format", "json", "--price", "2.5", "--no-inspection")
                .succeeds();
        assertThat(Files.readString(run.resolve("report.json"))).contains("\"price\" : 2.5");
    }

    @Test
    void commandsThatAReportNamesCanBeTyped() {
        Path file = folder.resolve("commands.json");
        CommandRun.of("report", "--run", run, "--format", "json", "--no-inspection", "--out", file)
                .succeeds();
        List<String> lines = MAPPER.readTree(file.toFile())
                .path("sections")
                .valueStream()
                .flatMap(section -> section.path("commands").valueStream())
                .flatMap(command -> command.path("line").asString().lines())
                .filter(line -> line.startsWith("./saiki "))
                .toList();
        assertThat(lines).hasSizeGreaterThan(5);
        CommandLine known = Saiki.commandLine(System.out, System.err);
        List<String> typed = new ArrayList<>();
        for (String line : lines) {
            String[] words =
                    line.substring("./saiki ".length()).split(" >> ", -1)[0].split(" ", -1);
            typed.add(String.join(" ", List.of(words).subList(0, 2)));
            // As the command line does, without the parent's options, some of which are required.
            @Nullable CommandLine parent = known.getSubcommands().get(words[0]);
            @Nullable
            CommandLine child = parent == null ? null : parent.getSubcommands().get(words[1]);
            CommandLine parser = child == null
                    ? known
                    : new CommandLine(CommandLine.Model.CommandSpec.create()).addSubcommand(words[1], child);
            String[] rest = Arrays.copyOfRange(words, child == null ? 0 : 1, words.length);
            assertThatCode(() -> parser.parseArgs(rest)).as(line).doesNotThrowAnyException();
        }
        assertThat(typed)
                .anySatisfy(words -> assertThat(words).startsWith("audit router"))
                .anySatisfy(words -> assertThat(words).startsWith("eval tradeoff"))
                .anySatisfy(words -> assertThat(words).startsWith("train "));
    }

    @Test
    void speedsMeasuredByTheCommandAreShown() throws IOException {
        CommandRun bench = CommandRun.of(
                        "bench",
                        "decode",
                        "--model",
                        run.resolve("last"),
                        "--tokens",
                        4,
                        "--prompt-tokens",
                        4,
                        "--json")
                .succeeds();
        Path speeds = folder.resolve("speeds.jsonl");
        Files.writeString(speeds, bench.out());
        CommandRun.of("report", "--run", run, "--with", speeds, "--no-inspection", "--format", "markdown")
                .succeeds();
        assertThat(Files.readString(run.resolve("report.md")))
                .contains(
                        "1 texts at a time, prompts of 4 tokens, 4 tokens generated for each, 3 rounds, float32 weights");
    }

    @Test
    void whatCannotBeReportedIsRefusedInOneLine() throws IOException {
        CommandRun.of("report", "--run", folder.resolve("nowhere")).isRefused("nowhere: no such folder");
        CommandRun.of("report", "--run", folder).isRefused("holds neither study.json", "recipe.resolved.yaml");
        CommandRun.of("report", "--run", run, "--lang", "de").isRefused("must be one of en, ja, got de");
        CommandRun.of("report", "--run", run, "--price", "0").isRefused("--price must be above 0", "got 0.0");
        CommandRun.of("report", "--run", run, "--format", "pdf").isRefused("--format", "pdf");
        CommandRun.of("report", "--run", run, "--with", folder.resolve("no.json"))
                .isRefused("no.json: no such file");
        CommandRun.of("report", "--run", run, "--out", folder).isRefused("must be a file, got a folder");
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("study.json"), "{");
        CommandRun.of("report", "--run", other).isRefused("study.json: not the results of a study");
        Files.writeString(other.resolve("study.json"), "\u0000");
        CommandRun.of("report", "--run", other).isRefused("study.json: not the results of a study");
    }
}
