package dev.saiki.http.page;

import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// A language of the web pages. The texts of each language are a JSON object in a file of its own, such as
/// `words.en.json`. These texts fill the placeholders of the HTML, and are sent to the browser as a JavaScript
/// module.
public enum PageLanguage {
    /// English, the default.
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

    /// Returns the tag for HTML and HTTP.
    ///
    /// @return `en` or `ja`
    public String tag() {
        return tag;
    }

    private PageLanguage other() {
        return switch (this) {
            case ENGLISH -> JAPANESE;
            case JAPANESE -> ENGLISH;
        };
    }

    /// Finds the language that a query names with `lang`.
    ///
    /// @param exchange a request
    /// @return the language; empty if the query names none of the supported languages
    public static Optional<PageLanguage> named(Exchange exchange) {
        return exchange.query("lang").flatMap(PageLanguage::of);
    }

    /// Finds the language of a request: the language that the query names with `lang`, or else the language
    /// that the browser prefers.
    ///
    /// @param exchange a request
    /// @return the language
    public static PageLanguage of(Exchange exchange) {
        return named(exchange).orElseGet(() -> preferred(exchange));
    }

    private static PageLanguage preferred(Exchange exchange) {
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

    /// Returns the name of the JavaScript module with the texts.
    ///
    /// @return the module's file name
    public String module() {
        return "words." + tag + ".js";
    }

    /// Creates the JavaScript module with the texts.
    ///
    /// @param texts a JSON object
    /// @return the module
    public PageFile script(String texts) {
        return PageFile.of(module(), "export default " + texts.strip() + ";\n");
    }

    /// Fills the placeholders of a page: texts such as `{say:title}`, the language `{lang}`, and `{other}` and
    /// `{otherName}` for the link to the other language.
    ///
    /// @param html the page
    /// @param texts a JSON object with the texts by name
    /// @return the page in this language
    /// @throws IllegalStateException if a placeholder has no text
    public PageFile fill(String html, String texts) {
        JsonNode known = Json.read(texts.getBytes(StandardCharsets.UTF_8));
        String page = html.replace("{lang}", tag)
                .replace("{otherName}", other().ownName)
                .replace("{other}", other().tag);
        return PageFile.of("page.html", PLACE.matcher(page).replaceAll(place -> {
            JsonNode text = known.get(place.group(1));
            if (text == null) {
                throw new IllegalStateException("no text for " + place.group(1) + " in " + this);
            }
            return Matcher.quoteReplacement(Objects.requireNonNull(text.stringValue()));
        }));
    }
}
