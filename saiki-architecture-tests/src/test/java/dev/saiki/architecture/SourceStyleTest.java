package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Rules that apply to sources and not to compiled classes.
class SourceStyleTest {

    /// A local variable, loop variable or resource without its type; also inside a lambda's parameters.
    private static final Pattern UNTYPED = Pattern.compile("(?<![\\w.\"'])va" + "r\\s+[\\w$]+\\s*(=|:|,|\\)\\s*->)");

    private static final Pattern OLD_JAVADOC = Pattern.compile("^\\s*/\\*" + "\\*", Pattern.MULTILINE);

    /// Paths of folders that exist on one machine only.
    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.])/(home|root|Users|work|mnt|tmp/[a-z])[/a-z][\\w./-]*");

    private static final Pattern MOCKS = Pattern.compile("import (static )?(org\\.mockito|org\\.easymock|net\\.jqwik)");

    private static final Pattern PROCESS = Pattern.compile("new Process" + "Builder|getRuntime\\(\\)\\.ex" + "ec\\(");

    private static final Pattern AUTHOR = Pattern.compile("@auth" + "or\\b");

    @Test
    void variablesSayTheirType() {
        assertNowhere(UNTYPED, Repository.javaSources());
    }

    @Test
    void javadocIsMarkdown() {
        assertNowhere(OLD_JAVADOC, Repository.javaSources());
    }

    @Test
    void testsUseNoMocks() {
        assertNowhere(MOCKS, Repository.javaSources());
    }

    /// A process that is started in another way may outlive its test.
    @Test
    void testsStartProcessesInOnePlace() {
        List<Path> tests = Repository.javaSources().stream()
                .filter(file -> Repository.nameOf(file).matches("saiki-testkit/.*|[^/]+/src/test/.*"))
                .filter(file -> !file.endsWith("TestProcess.java"))
                .toList();
        assertNowhere(PROCESS, tests);
    }

    @Test
    void nobodySignsTheCode() {
        assertNowhere(AUTHOR, Repository.javaSources());
    }

    @Test
    void nothingNamesAFolderOfOneMachine() {
        List<Path> files = new ArrayList<>(Repository.javaSources());
        files.removeIf(file -> file.endsWith("SourceStyleTest.java"));
        for (String folder : List.of("recipes", "golden", "benchmarks", "scripts", ".ci")) {
            Path path = Repository.ROOT.resolve(folder);
            if (Files.isDirectory(path)) {
                Repository.walk(path).filter(SourceStyleTest::isText).forEach(files::add);
            }
        }
        Documents.ALL.forEach(name -> files.add(Repository.ROOT.resolve(name)));
        assertNowhere(MACHINE_PATH, files);
    }

    @Test
    void theRulesFindWhatTheyLookFor() {
        assertThat(UNTYPED.matcher("        va" + "r step = 1;").find()).isTrue();
        assertThat(UNTYPED.matcher("for (va" + "r entry : map) {").find()).isTrue();
        assertThat(UNTYPED.matcher("double variance = 1;").find()).isFalse();
        assertThat(OLD_JAVADOC.matcher("    /*" + "* Old. */").find()).isTrue();
        assertThat(MACHINE_PATH.matcher("Path.of(\"/ho" + "me/me/data\")").find())
                .isTrue();
        assertThat(MACHINE_PATH.matcher("target/home/x and /proc/meminfo").find())
                .isFalse();
    }

    private static boolean isText(Path file) {
        return Stream.of(".py", ".sh", ".yaml", ".yml", ".md", ".json", ".txt", "run")
                .anyMatch(ending -> file.toString().endsWith(ending));
    }

    private static void assertNowhere(Pattern pattern, List<Path> files) {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            String text = Repository.read(file);
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                long line = text.substring(0, matcher.start()).lines().count();
                found.add(Repository.nameOf(file) + ":" + Math.max(1, line) + ": "
                        + matcher.group().strip());
            }
        }
        assertThat(files).isNotEmpty();
        assertThat(found).isEmpty();
    }
}
