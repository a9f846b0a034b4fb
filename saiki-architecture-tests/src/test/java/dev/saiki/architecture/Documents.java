package dev.saiki.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The documents at the root, cut into what can be checked.
final class Documents {

    /// The documents whose every name must exist.
    static final List<String> ALL =
            List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md", "PERFORMANCE.md");

    private static final Pattern FENCE = Pattern.compile("^```(\\w*)\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern CODE_SPAN = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");

    private Documents() {}

    /// The text of a document.
    static String text(String name) {
        return Repository.read(Repository.ROOT.resolve(name));
    }

    /// What stands between single backticks, outside of fenced blocks.
    static List<String> codeSpans(String document) {
        return matches(CODE_SPAN, FENCE.matcher(text(document)).replaceAll(""));
    }

    /// Where the links of a document lead, without those to the web.
    static List<String> links(String document) {
        return matches(LINK, text(document)).stream()
                .filter(target -> !target.startsWith("http"))
                .toList();
    }

    /// The commands in blocks fenced as `sh`, in order, each as its words; comments are left out and lines that end in
    /// a
    /// backslash joined.
    static List<List<String>> commands(String document) {
        List<List<String>> commands = new ArrayList<>();
        Matcher fence = FENCE.matcher(text(document));
        while (fence.find()) {
            if (fence.group(1).equals("sh")) {
                fence.group(2)
                        .replaceAll("\\\\\\n\\s*", "")
                        .lines()
                        .map(Documents::words)
                        .filter(words -> !words.isEmpty())
                        .forEach(commands::add);
            }
        }
        return commands;
    }

    /// Splits a command line as a shell does, as far as the documents need it: quotes, and comments to the end.
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
