package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.Saiki;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.EngineOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands and the Java code of the README and of the pages below `docs`: they run in their order,
/// unchanged except for less training.
class ReadmeCommandsTest {

    /// The page whose model is part of the project, so all of its commands run, except those that do not end by
    /// themselves.
    private static final String OWN_MODEL = "docs/deepen-your-model.md";

    /// The pages with commands, in reading order.
    private static final List<String> PAGES = List.of(
            "README.md",
            "docs/which-model.md",
            "docs/train.md",
            "docs/recipes.md",
            "docs/plan-training.md",
            "docs/spark.md",
            "docs/adapters.md",
            "docs/evaluate.md",
            "docs/study.md",
            "docs/findings.md",
            "docs/for-managers.md",
            "docs/cost.md",
            "docs/serve.md",
            "docs/operate.md",
            "docs/rollout.md",
            "docs/command.md",
            "docs/embed.md",
            "docs/install.md",
            "docs/kubernetes.md",
            "docs/bring-your-model.md",
            "docs/clients.md",
            "docs/formats.md",
            "docs/playbook.md",
            "docs/ja/playbook.md",
            "docs/ja/serve.md",
            "CONTRIBUTING.md",
            "GLOSSARY.md",
            "ARCHITECTURE.md",
            OWN_MODEL);

    private static final String SMALL_PLAN = Repository.ROOT
            .resolve("saiki-architecture-tests/src/test/resources/small-plan.yaml")
            .toString();

    /// The changes that make the run short.
    private static final Map<String, String> SMALLER = Map.of(
            "schedule.forward_flops=1.0e+13",
            "schedule.forward_flops=2.0e+11",
            "60",
            "6",
            "128",
            "2",
            "192",
            "4",
            "500",
            "4",
            "schedule.steps=400",
            "schedule.steps=4",
            "plans/isoflop-small.yaml",
            SMALL_PLAN,
            "plans/depth-small.yaml",
            SMALL_PLAN);

    @TempDir
    Path folder = Path.of("");

    @Test
    void theStepsByHandWorkOneAfterTheOther() {
        List<List<String>> commands = PAGES.stream()
                .filter(page -> !page.equals(OWN_MODEL))
                .flatMap(page -> commands(page).stream())
                .filter(ReadmeCommandsTest::ends)
                .distinct()
                .toList();
        assertThat(commands).hasSizeGreaterThan(15);
        for (List<String> command : commands) {
            run(command.subList(1, command.size()));
        }
    }

    @Test
    void theStepsWithAModelThatComesWithTheProjectWork() {
        List<List<String>> commands = commands(OWN_MODEL).stream()
                .filter(words -> !words.get(1).equals("serve"))
                .toList();
        assertThat(commands).hasSizeGreaterThan(12);
        for (List<String> command : commands) {
            run(command.subList(1, command.size()));
        }
    }

    private static List<List<String>> commands(String page) {
        return Documents.commands(page).stream()
                .filter(words -> words.getFirst().equals("./saiki"))
                .toList();
    }

    @Test
    void everyPageWithCommandsIsRun() {
        assertThat(Documents.ALL.stream()
                        .filter(page -> !Documents.commands(page).isEmpty())
                        .filter(page -> !page.equals("README.ja.md")))
                .containsExactlyInAnyOrderElementsOf(PAGES);
    }

    /// The README's Java code, with the model at the path that it names.
    @Test
    void theJavaOfTheReadmeWritesText() {
        String shown = Documents.blocks("README.md", "java").getFirst();
        Path model = Repository.ROOT.resolve(
                shown.lines().findFirst().orElseThrow().replaceAll("^Path model = Path.of\\(\"(.*)\"\\);$", "$1"));
        StringBuilder written = new StringBuilder();
        try (Engine engine = Engine.open(model, EngineOptions.DEFAULT);
                TokenStream stream = engine.submit(
                        GenerationRequest.greedy(engine.tokenizer().encode("Once upon a time"), 32))) {
            for (Token token : stream) {
                written.append(token.text());
            }
        }
        assertThat(written).isNotEmpty();
        String own = Repository.read(Repository.ROOT
                .resolve("saiki-architecture-tests/src/test/java")
                .resolve(ReadmeCommandsTest.class.getName().replace('.', '/') + ".java"));
        String run = shown.lines().skip(1).collect(Collectors.joining());
        assertThat(squeezed(own)).contains(squeezed(run.replace("System.out.print(", "written.append(")));
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s", "");
    }

    /// Whether a command ends soon and needs neither a server, nor another tool's model, nor conversations; the
    /// other commands have tests of their own.
    private static boolean ends(List<String> words) {
        String command = String.join(" ", words.subList(1, words.size())) + " ";
        return Stream.of(
                        "pilot",
                        "demo",
                        "serve",
                        "audit records",
                        "audit consistency",
                        "chat",
                        "certify",
                        "import",
                        "export --model runs/qwen",
                        "export --model runs/recursive/last",
                        "verify",
                        "rollout")
                .noneMatch(other -> command.startsWith(other + " "));
    }

    @Test
    @Tag("slow")
    void thePilotWorks() {
        assertThat(Documents.commands("docs/study.md")).contains(List.of("./saiki", "pilot"));
        String out = run(List.of("pilot", "--minutes", "0.2", "--out", "runs/pilot"));
        assertThat(out).contains("vanilla", "recursive", "MoR", "report.html");
    }

    private String run(List<String> words) {
        List<String> arguments = new ArrayList<>();
        for (String word : words) {
            String value = SMALLER.getOrDefault(word, word);
            arguments.add(value.replaceFirst("(^|=)(runs/)", "$1" + folder + "/$2")
                    .replaceFirst(
                            "(^|=)(recipes/|studies/|saiki-text/|golden/|examples/|docs$)",
                            "$1" + Repository.ROOT + "/$2"));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Saiki.run(
                arguments.toArray(String[]::new),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(exitCode)
                .as("saiki %s%n%s", String.join(" ", arguments), err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(out.size()).isPositive();
        return out.toString(StandardCharsets.UTF_8);
    }
}
