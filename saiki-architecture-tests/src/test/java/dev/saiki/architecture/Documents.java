package dev.saiki.architecture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The documents in the root folder and below `docs`, split into parts that tests check.
final class Documents {

    /// The documents in which every name must exist.
    static final List<String> ALL = Stream.concat(
                    Stream.of(
                            "README.md",
                            "README.ja.md",
                            "ARCHITECTURE.md",
                            "CONTRIBUTING.md",
                            "GLOSSARY.md",
                            "CHANGELOG.md",
                            "PERFORMANCE.md"),
                    pages())
            .toList();

    private static final Pattern FENCE = Pattern.compile("^```(\\w*)\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern CODE_SPAN = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");

    private Documents() {}

    private static Stream<String> pages() {
        return Repository.walk(Repository.ROOT.resolve("docs"))
                .map(Repository::nameOf)
                .filter(name -> name.endsWith(".md"));
    }

    /// The text of a document.
    static String text(String name) {
        return Repository.read(Repository.ROOT.resolve(name));
    }

    /// The texts between single backticks, outside of fenced blocks.
    static List<String> codeSpans(String document) {
        return matches(CODE_SPAN, FENCE.matcher(text(document)).replaceAll(""));
    }

    /// The files that a document links to, without links to the web and within the document.
    static List<Path> links(String document) {
        return matches(LINK, text(document)).stream()
                .filter(target -> !target.startsWith("http"))
                .map(target ->
                        Repository.ROOT.resolve(document).resolveSibling(target).normalize())
                .toList();
    }

    /// The commands in blocks fenced as `sh`, in order, each as a list of words; without comments, and with
    /// lines joined that end in a backslash.
    static List<List<String>> commands(String document) {
        return blocks(document, "sh").stream()
                .flatMap(block -> block.replaceAll("\\\\\\n\\s*", "").lines())
                .map(Documents::words)
                .filter(words -> !words.isEmpty())
                .toList();
    }

    /// The fenced blocks in a language, in order.
    static List<String> blocks(String document, String language) {
        List<String> blocks = new ArrayList<>();
        Matcher fence = FENCE.matcher(text(document));
        while (fence.find()) {
            if (fence.group(1).equals(language)) {
                blocks.add(fence.group(2));
            }
        }
        return blocks;
    }

    /// Splits a command line as a shell does, as far as the documents need: with quotes, and without comments.
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(#.*)|([^\\s\"'#][^\\s]*)")
                .matcher(line);
        while (word.find()) {
            if (word.group(3) != null) {
                break;
            }
            for (int group : new int[] {1, 2, 4}) {
                if (word.group(group) != null) {
                    words.add(word.group(group));
                }
            }
        }
        return words;
    }

    private static List<String> matches(Pattern pattern, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }
}
