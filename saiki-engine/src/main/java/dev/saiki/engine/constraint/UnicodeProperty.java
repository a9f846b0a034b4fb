package dev.saiki.engine.constraint;

import dev.saiki.io.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The sets of characters that regular expressions name by a Unicode property, such as `\p{L}` or `\p{Script=Greek}`.
final class UnicodeProperty {

    /// The spelling of names in the Unicode standard. Java ignores the case of most names, so other spellings
    /// would match too; they are rejected because each would add a key to a map that is never emptied.
    private static final Pattern NAME = Pattern.compile(
            "(?:(General_Category|gc|Script|sc)=)?([A-Z][a-z]?|(?=.{3,40}$)[A-Z][a-z]+(?:_[A-Z][a-z]+)*)");

    /// The file of categories by their long names; Java supports only the short ones.
    private static final String FILE = "categories.properties";

    private static final Properties CATEGORIES =
            Resources.properties(UnicodeProperty.class.getResourceAsStream(FILE), FILE);

    private static final Map<String, CodePoints> OWN = Map.of(
            "Any", CodePoints.ALL,
            "ASCII", CodePoints.of(0, 0x7F),
            "Regional_Indicator", CodePoints.of(0x1F1E6, 0x1F1FF));

    private static final Map<String, CodePoints> KNOWN = new ConcurrentHashMap<>(OWN);

    private UnicodeProperty() {}

    /// Finds the characters of a property.
    ///
    /// @param property name between the braces, as in JavaScript
    /// @return the characters; empty if the property is unknown
    static Optional<CodePoints> of(String property) {
        CodePoints known = KNOWN.get(property);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<CodePoints> read = expression(property).map(UnicodeProperty::members);
        read.ifPresent(points -> KNOWN.put(property, points));
        return read;
    }

    private static Optional<Predicate<String>> expression(String property) {
        Matcher parts = NAME.matcher(property);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String kind = Optional.ofNullable(parts.group(1)).orElse("");
        String name = CATEGORIES.getProperty(parts.group(2), parts.group(2));
        String java =
                kind.startsWith("S") || kind.equals("sc") ? "script=" + name : (name.length() <= 2 ? "" : "Is") + name;
        try {
            return Optional.of(Pattern.compile("\\p{" + java + "}").asMatchPredicate());
        } catch (PatternSyntaxException unknown) {
            return Optional.empty();
        }
    }

    private static CodePoints members(Predicate<String> isMember) {
        List<CodePoints.Range> ranges = new ArrayList<>();
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (isMember.test(Character.toString(point))) {
                ranges.add(new CodePoints.Range(point, point));
            }
        }
        return new CodePoints(ranges);
    }
}
