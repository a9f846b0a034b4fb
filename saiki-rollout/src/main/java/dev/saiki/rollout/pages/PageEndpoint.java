package dev.saiki.rollout.pages;

import dev.saiki.http.Exchange;
import dev.saiki.http.page.PageFile;
import dev.saiki.http.page.PageLanguage;
import dev.saiki.io.Resources;
import dev.saiki.io.display.DepthPalette;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The web page of a rollout. The page contains no data; it fetches the data with the API key that the user
/// enters.
public final class PageEndpoint {

    private static final String ROOT = "/";
    private static final String FOLDER = "/page/";
    private static final String PALETTE = FOLDER + "depths.css";

    private final Map<PageLanguage, PageFile> pages = new EnumMap<>(PageLanguage.class);
    private final Map<String, PageFile> files = new HashMap<>();

    public PageEndpoint() {
        for (PageLanguage language : PageLanguage.values()) {
            String texts = own("words." + language.tag() + ".json");
            pages.put(language, language.fill(own("rollout.html"), texts));
            files.put(FOLDER + language.module(), language.script(texts));
        }
        files.put(FOLDER + "rollout.js", PageFile.of("rollout.js", own("rollout.js")));
        for (String name :
                List.of("words.js", "elements.js", "uPlot.esm.js", "uPlot.min.css", "pages.css", "icon.svg")) {
            files.put(FOLDER + name, PageFile.shared(name));
        }
        files.put("/openapi.json", PageFile.of("openapi.json", own("openapi.json")));
    }

    private static String own(String name) {
        return Resources.text(PageEndpoint.class.getResourceAsStream("/dev/saiki/rollout/page/" + name), name);
    }

    /// The style sheet of the depth colours, for the number of recursions that the page requests.
    private static PageFile palette(Exchange exchange) {
        String asked = exchange.query("recursions").orElse("1");
        int recursions = asked.matches("[1-9][0-9]?") ? Integer.parseInt(asked) : 1;
        return PageFile.of(PALETTE, DepthPalette.styleSheet(recursions));
    }

    /// All operations answered here, each as a method and a path.
    public Set<String> operations() {
        return Set.of("GET " + ROOT, "GET " + FOLDER + "{file}", "GET /openapi.json");
    }

    /// Answers requests for the page and its files.
    ///
    /// @return whether the request was answered
    public boolean answers(Exchange exchange) {
        if (!exchange.method().equals("GET")) {
            return false;
        }
        if (exchange.path().equals(ROOT)) {
            PageLanguage language = PageLanguage.of(exchange);
            exchange.setHeader("Content-Language", language.tag());
            exchange.setHeader("Vary", "Accept-Language");
            Objects.requireNonNull(pages.get(language)).send(exchange);
            return true;
        }
        PageFile file = exchange.path().equals(PALETTE) ? palette(exchange) : files.get(exchange.path());
        if (file != null) {
            file.send(exchange);
        }
        return file != null;
    }
}
