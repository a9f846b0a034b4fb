package dev.saiki.train.recipe;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A pattern of names, in which `*` stands for any characters.
///
/// @param text the pattern as written
record NamePattern(String text) {

    /// Finds the names that the whole pattern matches.
    List<String> among(Collection<String> names) {
        Pattern expression = Pattern.compile(
                Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
        return names.stream().filter(name -> expression.matcher(name).matches()).toList();
    }
}
