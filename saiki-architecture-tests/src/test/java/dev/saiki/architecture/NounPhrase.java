package dev.saiki.architecture;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The rule that a type's first sentence defines it with a noun phrase: "A request that waits", "The pages of a
/// sequence", "Words with their counts".
///
/// No dictionary is asked, so the rule is one of words. The first word must not be an interrogative ("What", "How"), an
/// auxiliary or a conjunction, and must not be a verb in the third person. A word that ends in `s` is taken for such a
/// verb if it is in the list of those that are used for describing code, or if a determiner follows it ("Reads the"),
/// as none follows a plural noun that begins a definition.
final class NounPhrase {

    private static final Set<String> NO_NOUN_BEGINS = Set.of(
            "what", "how", "who", "whose", "whom", "whether", "where", "when", "which", "why", "that", "if", "so",
            "because", "can", "may", "must", "is", "are", "does", "has", "to", "used", "called", "read", "write",
            "see");

    private static final Set<String> VERBS = Set.of(
            "accepts",
            "adapts",
            "adds",
            "answers",
            "applies",
            "asks",
            "builds",
            "calls",
            "carries",
            "chooses",
            "collects",
            "compares",
            "computes",
            "converts",
            "creates",
            "decides",
            "decodes",
            "defines",
            "describes",
            "does",
            "draws",
            "encodes",
            "ends",
            "estimates",
            "finds",
            "follows",
            "gathers",
            "generates",
            "gives",
            "hands",
            "handles",
            "holds",
            "implements",
            "interprets",
            "keeps",
            "knows",
            "lays",
            "lets",
            "listens",
            "loads",
            "looks",
            "maintains",
            "makes",
            "manages",
            "maps",
            "measures",
            "merges",
            "observes",
            "offers",
            "opens",
            "parses",
            "passes",
            "picks",
            "prepares",
            "prints",
            "produces",
            "provides",
            "puts",
            "reads",
            "receives",
            "refuses",
            "remembers",
            "renders",
            "replaces",
            "represents",
            "returns",
            "runs",
            "says",
            "scrambles",
            "sends",
            "serves",
            "shows",
            "speaks",
            "splits",
            "starts",
            "stops",
            "stores",
            "takes",
            "tells",
            "trains",
            "translates",
            "tries",
            "turns",
            "validates",
            "waits",
            "walks",
            "watches",
            "wraps",
            "writes");

    private static final Set<String> DETERMINERS = Set.of(
            "a",
            "an",
            "the",
            "its",
            "their",
            "all",
            "each",
            "every",
            "any",
            "one",
            "two",
            "no",
            "what",
            "which",
            "how",
            "whether",
            "who",
            "where",
            "when",
            "this",
            "these",
            "those",
            "another",
            "some",
            "many",
            "several",
            "it",
            "them",
            "itself",
            "themselves",
            "up",
            "down",
            "out",
            "nothing",
            "everything",
            "something");

    /// Words after which "calls" and the like are nouns.
    private static final Set<String> AFTER_NOUNS = Set.of("of", "that", "which", "whose", "and", "or", "between");

    private static final Pattern FIRST_WORDS = Pattern.compile("^[^\\p{L}]*(\\p{L}[\\p{L}'-]*)(?:\\s+([\\p{L}'-]+))?");

    private NounPhrase() {}

    /// Tells whether a sentence begins like a noun phrase.
    ///
    /// @param sentence the first sentence of a type's documentation, without markup
    /// @return whether it does
    static boolean begins(String sentence) {
        Matcher words = FIRST_WORDS.matcher(sentence);
        if (!words.find()) {
            return false;
        }
        String first = words.group(1).toLowerCase(Locale.ROOT);
        String second = words.group(2) == null ? "" : words.group(2).toLowerCase(Locale.ROOT);
        return !NO_NOUN_BEGINS.contains(first) && !isVerb(first, second);
    }

    private static boolean isVerb(String first, String second) {
        boolean looksSo = first.endsWith("s") && !first.endsWith("ss") && !first.endsWith("us");
        return looksSo && !AFTER_NOUNS.contains(second) && (VERBS.contains(first) || DETERMINERS.contains(second));
    }
}
