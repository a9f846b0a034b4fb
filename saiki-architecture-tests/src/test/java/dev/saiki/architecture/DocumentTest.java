package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import dev.saiki.cli.Saiki;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// Fails if a document names something that does not exist.
class DocumentTest {

    /// Names in backticks that do not belong to this project.
    private static final Set<String> FOREIGN = Set.of("LlamaForCausalLM");

    /// File extensions; a code span with one of them is a path.
    private static final Set<String> FILE_ENDINGS =
            Set.of("md", "yaml", "yml", "json", "jsonl", "java", "py", "sh", "xml", "html", "config", "safetensors");

    /// Files of runs and checkpoints, which exist only after a command has run.
    private static final Set<String> WRITTEN_BY_COMMANDS = Set.of(
            "config.json",
            "generation_config.json",
            "vocab.json",
            "model.safetensors",
            "adapter_config.json",
            "adapter_model.safetensors",
            "tokenizer.json",
            "manifest.json",
            "recipe.resolved.yaml",
            "base.json",
            "one-pass.json",
            "metrics.jsonl",
            "report.html",
            "openapi.json",
            "plan.yaml",
            "study.json",
            "dataset.json",
            "lineage.json",
            "state.json",
            "teacher.json",
            "bom.json",
            "saiki-0.1.0.cdx.json");

    private static final Set<String> CLASS_NAMES = classNames();

    /// The list of all endpoints, which a test compares with the server's.
    private static final String OPEN_API = Repository.read(
            Repository.ROOT.resolve("saiki-server/src/main/resources/dev/saiki/server/pages/openapi.json"));

    /// The list of all metrics of a training.
    private static final String METRICS = Repository.read(
            Repository.ROOT.resolve("saiki-train/src/main/java/dev/saiki/train/metrics/MetricNames.java"));

    static Stream<String> documents() {
        return Documents.ALL.stream();
    }

    private static Set<String> classNames() {
        return SaikiClasses.ALL.stream()
                .map(JavaClass::getName)
                .map(name -> name.substring(name.lastIndexOf('.') + 1).replace('$', '.'))
                .flatMap(name -> Stream.of(name, name.substring(name.lastIndexOf('.') + 1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesOnlyWhatExists(String document) {
        List<String> missing = Documents.codeSpans(document).stream()
                .flatMap(span -> problem(span).stream())
                .distinct()
                .toList();
        assertThat(missing).as("names in %s that do not exist", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadToFiles(String document) {
        List<Path> broken = Documents.links(document).stream()
                .filter(target -> !Files.exists(target))
                .toList();
        assertThat(broken).as("broken links in %s", document).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void commandsCanBeTypedAsTheyStand(String document) {
        List<String> wrong = new ArrayList<>();
        for (List<String> words : Documents.commands(document)) {
            if (words.getFirst().equals("./saiki")) {
                parseProblem(words.subList(1, words.size())).ifPresent(wrong::add);
            } else if (words.getFirst().startsWith("./")
                    && !Files.isExecutable(Repository.ROOT.resolve(words.getFirst()))) {
                wrong.add(words.getFirst() + " is not an executable file");
            }
        }
        assertThat(wrong).as("commands in %s", document).isEmpty();
    }

    @Test
    void theCheckFindsWhatIsMissing() {
        assertThat(problem("saiki-nowhere")).isPresent();
        assertThat(problem("saiki-io")).isEmpty();
        assertThat(problem("dev.saiki.nowhere")).isPresent();
        assertThat(problem("dev.saiki.io")).isEmpty();
        assertThat(problem("NoSuchThing")).isPresent();
        assertThat(problem("InputException")).isEmpty();
        assertThat(problem("no/such/file.md")).isPresent();
        assertThat(problem("/v1/nothing")).isPresent();
        assertThat(problem("/v1/models")).isEmpty();
        assertThat(problem("./saiki fly")).isPresent();
        assertThat(problem("./saiki train --wings")).isPresent();
        assertThat(problem("./saiki train --recipe")).isEmpty();
        assertThat(problem("hidden_size")).isEmpty();
        assertThat(problem("train/no_such_loss")).isPresent();
        assertThat(problem("train/total_loss")).isEmpty();
    }

    /// The problem of a code span, if there is one.
    private static Optional<String> problem(String span) {
        List<String> words = Documents.words(span);
        String first = words.isEmpty() ? "" : words.getFirst();
        if (first.equals("./saiki") || (first.equals("saiki") && words.size() > 1)) {
            return mentionProblem(words.subList(1, words.size()));
        }
        if (first.matches("/[a-z].*")) {
            return OPEN_API.contains("\"" + first + "\": {")
                    ? Optional.empty()
                    : Optional.of(first + ": no such endpoint");
        }
        if (words.size() != 1) {
            return first.startsWith("./") ? missingPath(first) : Optional.empty();
        }
        if (span.matches("saiki-[a-z-]+")) {
            return Repository.modules().contains(span) ? Optional.empty() : Optional.of(span + ": no such module");
        }
        if (span.matches("dev\\.saiki[\\w.]*")) {
            return packageOrClassExists(span) ? Optional.empty() : Optional.of(span + ": no such package or class");
        }
        if (span.matches("[A-Z][a-z]+[A-Za-z.]*") && !span.matches("[A-Z][a-z]+\\.[a-z]+")) {
            boolean known = CLASS_NAMES.contains(span) || FOREIGN.contains(span);
            return known ? Optional.empty() : Optional.of(span + ": no such class");
        }
        return isPath(span) && !METRICS.contains("\"" + span) ? missingPath(span) : Optional.empty();
    }

    private static boolean isPath(String span) {
        if (span.contains("<") || span.contains("*") || span.contains("=") || span.contains("://")) {
            return false;
        }
        String ending = span.substring(span.lastIndexOf('.') + 1);
        return span.startsWith("./")
                || span.endsWith("/")
                || (span.contains("/") && span.matches("[\\w./-]+"))
                || (span.contains(".") && FILE_ENDINGS.contains(ending));
    }

    private static Optional<String> missingPath(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean exists = Files.exists(Repository.ROOT.resolve(path))
                || WRITTEN_BY_COMMANDS.contains(name)
                || path.startsWith("runs/")
                || path.startsWith("target/")
                || path.equals("last/")
                || path.equals("best/")
                || path.equals("base/")
                || path.equals("tensorboard/");
        return exists ? Optional.empty() : Optional.of(path + ": no such file or folder");
    }

    private static boolean packageOrClassExists(String name) {
        return SaikiClasses.ALL.stream()
                .anyMatch(type -> type.getName().equals(name)
                        || type.getPackageName().equals(name)
                        || type.getPackageName().startsWith(name + "."));
    }

    /// Checks a command that is only mentioned: the command and its options must exist, but options need no
    /// values.
    private static Optional<String> mentionProblem(List<String> words) {
        CommandLine command = model();
        for (String word : words) {
            if (word.startsWith("-")) {
                if (command.getCommandSpec().findOption(word.replaceFirst("=.*", "")) == null) {
                    return Optional.of(String.join(" ", words) + ": no option " + word);
                }
            } else if (command.getSubcommands().containsKey(word)) {
                command = command.getSubcommands().get(word);
            } else if (!command.getSubcommands().isEmpty()) {
                return Optional.of("no command " + word);
            }
        }
        return Optional.empty();
    }

    /// Parses as the command line does: without the parents of the innermost command, so that their required
    /// options may be absent.
    private static Optional<String> parseProblem(List<String> arguments) {
        CommandLine parser = model();
        int first = 0;
        CommandLine inner = arguments.isEmpty() ? null : parser.getSubcommands().get(arguments.getFirst());
        while (inner != null) {
            parser = new CommandLine(CommandLine.Model.CommandSpec.create()).addSubcommand(arguments.get(first), inner);
            boolean isLast = first + 1 == arguments.size();
            inner = isLast ? null : inner.getSubcommands().get(arguments.get(first + 1));
            first += inner == null ? 0 : 1;
        }
        try {
            parser.parseArgs(arguments.subList(first, arguments.size()).toArray(String[]::new));
            return Optional.empty();
        } catch (CommandLine.ParameterException e) {
            return Optional.of(String.join(" ", arguments) + ": " + e.getMessage());
        }
    }

    private static CommandLine model() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        return Saiki.commandLine(nowhere, nowhere);
    }

    /// The problem of the first word of a measuring command, if there is one: the word must be a script, a
    /// command, or a class of `saiki-benchmarks`, which is not on the path of these tests.
    private static Optional<String> programProblem(String program) {
        return program.startsWith("dev.saiki.")
                ? missingPath("saiki-benchmarks/src/main/java/" + program.replace('.', '/') + ".java")
                : problem(program);
    }

    @Test
    void everyModuleIsInTheTableOfModules() {
        String architecture = Documents.text("ARCHITECTURE.md");
        assertThat(Repository.modules())
                .allSatisfy(module -> assertThat(architecture)
                        .as("the table of modules names %s", module)
                        .contains("`" + module + "`"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "README.ja.md"})
    void everyDocumentIsReachedFromAReadme(String readme) {
        Set<String> reached = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(readme));
        while (!open.isEmpty()) {
            String document = open.remove();
            if (Documents.ALL.contains(document) && reached.add(document)) {
                Documents.links(document).stream().map(Repository::nameOf).forEach(open::add);
            }
        }
        assertThat(reached).containsAll(Documents.ALL);
    }

    @Test
    void theArchitectureNamesEveryFolder() throws IOException {
        String text = Documents.text("ARCHITECTURE.md");
        try (Stream<Path> folders = Files.list(Repository.ROOT)) {
            assertThat(folders.filter(Files::isDirectory)
                            .map(folder -> folder.getFileName().toString())
                            .filter(name -> !name.startsWith(".")
                                    && !List.of("target", "runs").contains(name)))
                    .allSatisfy(name -> assertThat(text).containsPattern("`" + name + "/?`"));
        }
    }

    @Test
    void bothReadmesShowTheSameCommandsAndLinesOfJava() {
        assertThat(Documents.commands("README.ja.md")).isEqualTo(Documents.commands("README.md"));
        assertThat(Documents.blocks("README.ja.md", "java")).isEqualTo(Documents.blocks("README.md", "java"));
        assertThat(Documents.blocks("docs/embed.md", "java")).containsAll(Documents.blocks("README.md", "java"));
    }

    @Test
    void everyOldFigureSaysWhenAndHowItWasMeasured() {
        Pattern line = Pattern.compile("\\{\"date\": \"\\d{4}-\\d\\d-\\d\\d\", \"commit\": \"[0-9a-f]{7,40}\","
                + " \"machine\": \"[^\"]+\", \"what\": \"[^\"]+\", \"command\": \"([^ ]+).*\", \"values\": \\{.+}.*}");
        assertThat(Documents.text("benchmarks/history.jsonl").lines())
                .isNotEmpty()
                .allSatisfy(figure -> {
                    Matcher parts = line.matcher(figure);
                    assertThat(parts.matches()).as(figure).isTrue();
                    assertThat(programProblem(parts.group(1))).isEmpty();
                });
    }

    @Test
    void theCiRunsTheTestCommandOfTheContributingGuide() {
        String ci = Repository.read(Path.of(Repository.ROOT.toString(), ".ci", "run"));
        assertThat(Documents.commands("CONTRIBUTING.md")).contains(List.of("./build"));
        assertThat(ci.lines().filter(line -> line.contains("./")).map(String::strip))
                .containsExactly("env \"$run\" ./build || status=$?", "env \"$run\" ./build release -q || status=$?");
    }
}
