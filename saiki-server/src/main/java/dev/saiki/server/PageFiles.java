package dev.saiki.server;

import dev.saiki.server.http.Exchange;
import dev.saiki.server.pages.PageEndpoints;
import dev.saiki.server.pages.PageLanguage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The files that all pages of Saiki have in common, and the languages that they are written in, for
/// pages of other modules.
public final class PageFiles {

    private PageFiles() {}

    /// Returns a file.
    ///
    /// @param name of the style sheet `pages.css`, the icon `icon.svg`, the module `words.js`, or of a
    ///     library that draws charts, `uPlot.esm.js` and `uPlot.min.css`
    /// @return what stands in it
    public static String text(String name) {
        return PageEndpoints.text(name);
    }

    /// Writes a page in each language.
    ///
    /// @param html a page with places such as `{say:title}`, `{lang}`, and for the link to the other
    ///     language `{other}` and `{otherName}`
    /// @param bundles the words for those places, a JSON object, by the tag of a language
    /// @return the page by the tag of its language
    /// @throws IllegalStateException if there are no words for a place
    public static Map<String, String> inEachLanguage(String html, UnaryOperator<String> bundles) {
        Map<String, String> pages = new LinkedHashMap<>();
        for (PageLanguage language : PageLanguage.values()) {
            String page = html.replace("{lang}", language.tag())
                    .replace("{otherName}", language.other().ownName())
                    .replace("{other}", language.other().tag());
            pages.put(language.tag(), language.fill(page, PageLanguage.words(bundles.apply(language.tag()))));
        }
        return Map.copyOf(pages);
    }

    /// Returns the language in which a page is sent.
    ///
    /// @param exchange a request that may name one with `lang`, or say what its browser prefers
    /// @return its tag: `en` or `ja`
    public static String language(Exchange exchange) {
        return PageLanguage.named(exchange)
                .orElseGet(() -> PageLanguage.preferred(exchange))
                .tag();
    }
}
