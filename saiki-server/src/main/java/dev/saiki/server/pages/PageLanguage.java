package dev.saiki.server.pages;

import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The languages that the pages are written in. Each has a bundle of words, `words.en.json` and so on, which fills
/// the places of the HTML here and goes to the browser as a module for the rest.
public enum PageLanguage {
    /// English, for everyone who asks for nothing that there is.
    ENGLISH("en", "English"),
    /// Japanese.
    JAPANESE("ja", "日本語");

    private static final Pattern PLACE = Pattern.compile("\\{say:([\\w.]+)}");

    private final String tag;
    private final String ownName;

    PageLanguage(String tag, String ownName) {
        this.tag = tag;
        this.ownName = ownName;
    }

    /// How HTML and HTTP spell it.
    public String tag() {
        return tag;
    }

    /// What those who speak it call it.
    public String ownName() {
        return ownName;
    }

    /// The one that a page has a link to.
    public PageLanguage other() {
        return switch (this) {
            case ENGLISH -> JAPANESE;
            case JAPANESE -> ENGLISH;
        };
    }

    /// The language that a query names with `lang`.
    public static Optional<PageLanguage> named(Exchange exchange) {
        return exchange.query("lang").flatMap(PageLanguage::of);
    }

    /// The language that a browser prefers, by its header `Accept-Language`.
    public static PageLanguage preferred(Exchange exchange) {
        try {
            List<Locale.LanguageRange> ranges = Locale.LanguageRange.parse(
                    exchange.header("Accept-Language").orElse("en"));
            List<String> tags = Arrays.stream(values()).map(PageLanguage::tag).toList();
            return Optional.ofNullable(Locale.lookupTag(ranges, tags))
                    .flatMap(PageLanguage::of)
                    .orElse(ENGLISH);
        } catch (IllegalArgumentException malformed) {
            return ENGLISH;
        }
    }

    private static Optional<PageLanguage> of(String tag) {
        return Arrays.stream(values())
                .filter(language -> language.tag.equals(tag))
                .findFirst();
    }

    /// The name of the module that has the words.
    public String module() {
        return "words." + tag + ".js";
    }

    /// The words as a module of JavaScript.
    byte[] script() {
        return ("export default " + bundle().strip() + ";\n").getBytes(StandardCharsets.UTF_8);
    }

    /// Fills the places of a page with the words of the server's pages.
    ///
    /// @throws IllegalStateException if there are no words for one
    public String fill(String page) {
        return fill(page, words());
    }

    /// Fills the places of a page.
    ///
    /// @param words by their names
    /// @throws IllegalStateException if there are no words for one
    public String fill(String page, Map<String, String> words) {
        return PLACE.matcher(page).replaceAll(place -> {
            String text = words.get(place.group(1));
            if (text == null) {
                throw new IllegalStateException("no words for " + place.group(1) + " in " + this);
            }
            return Matcher.quoteReplacement(text);
        });
    }

    /// All words by their names.
    public Map<String, String> words() {
        return words(bundle());
    }

    /// The words of a bundle by their names.
    ///
    /// @param bundle an object of JSON
    public static Map<String, String> words(String bundle) {
        Map<String, String> words = new TreeMap<>();
        for (Map.Entry<String, JsonNode> word :
                Json.read(bundle.getBytes(StandardCharsets.UTF_8)).properties()) {
            words.put(word.getKey(), Objects.requireNonNull(word.getValue().stringValue()));
        }
        return words;
    }

    private String bundle() {
        return PageEndpoints.text("words." + tag + ".json");
    }
}
