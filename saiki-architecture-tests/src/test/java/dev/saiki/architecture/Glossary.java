package dev.saiki.architecture;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The glossary's table of words that are not used.
final class Glossary {

    private static final Pattern NOT_USED =
            Pattern.compile("^## Words that are not used$(.*?)(?=^## |\\z)", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern FIRST_CELL = Pattern.compile("^\\| ([a-z]+) \\|", Pattern.MULTILINE);

    private Glossary() {}

    /// The words that no name of a type has in it, in lower case.
    static Set<String> wordsNotUsed() {
        Matcher section = NOT_USED.matcher(Documents.text("GLOSSARY.md"));
        if (!section.find()) {
            throw new IllegalStateException("GLOSSARY.md has no table of words that are not used");
        }
        return FIRST_CELL
                .matcher(section.group(1))
                .results()
                .map(row -> row.group(1))
                .filter(word -> !word.equals("word"))
                .collect(Collectors.toUnmodifiableSet());
    }
}
