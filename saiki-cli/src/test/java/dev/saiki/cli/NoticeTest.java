package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Compares the list of libraries and licences with the libraries of the distribution.
class NoticeTest {

    /// A library, its licence, and its groups in a Maven repository.
    private static final Pattern ROW = Pattern.compile("  (\\S.*?) {2,}(\\S.*?) +([a-z]+\\.[a-z0-9.]+(, [a-z0-9.]+)*)");

    /// The groups of all libraries that run with the command, as the build resolves them.
    private static Set<String> shipped() throws IOException {
        try (InputStream list = Objects.requireNonNull(
                NoticeTest.class.getResourceAsStream("/libraries.txt"), "the build lists them")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> line.matches("[\\w.-]+:[\\w.-]+:.*"))
                    .map(line -> line.substring(0, line.indexOf(':')))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /// The groups in the list.
    private static List<String> named() throws IOException {
        return Files.readString(Path.of("../NOTICE"))
                .lines()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .flatMap(row -> Arrays.stream(row.group(3).split(", ", -1)))
                .toList();
    }

    private static boolean covers(String named, String group) {
        return group.equals(named) || group.startsWith(named + ".");
    }

    @Test
    void everyLibraryIsNamedAndNoneThatIsNotThere() throws IOException {
        Set<String> shipped = shipped();
        List<String> named = named();
        assertThat(shipped).hasSizeGreaterThan(15);
        assertThat(shipped)
                .allSatisfy(group ->
                        assertThat(named).as(group).anyMatch(one -> one.equals(group) || isFamily(one, group)));
        assertThat(named).allSatisfy(one -> assertThat(shipped).as(one).anyMatch(group -> covers(one, group)));
    }

    /// Whether a listed group covers another group; org.xerial covers none, since its subgroups are listed too.
    private static boolean isFamily(String named, String group) {
        return covers(named, group) && !named.equals("org.xerial");
    }
}
