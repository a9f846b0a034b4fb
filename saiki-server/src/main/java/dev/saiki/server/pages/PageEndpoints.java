package dev.saiki.server.pages;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.page.PageFile;
import dev.saiki.http.page.PageLanguage;
import dev.saiki.io.Resources;
import dev.saiki.io.display.DepthPalette;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// `/ui`: the pages of the server. The pages contain no data and fetch it with the key that the user types in. The
/// query parameter `lang`, which links preserve, determines a page's language; without `lang`, the page uses the
/// browser's language.
///
/// Only the files listed here are served. The pages are plain HTML and JavaScript modules: four pages need no
/// framework and no build of their own. uPlot draws the charts at a twentieth of the size of ECharts, and marked
/// parses the Markdown of answers at a third of the size of markdown-it.
public final class PageEndpoints {

    private static final String ROOT = "/";
    private static final String FAVICON = "/favicon.ico";
    private static final String FOLDER = "/ui/";
    private static final String ICON = "icon.svg";
    private static final String PALETTE = "depths.css";
    private static final String MARKED = "marked.esm.js";
    private static final String UI = "/dev/saiki/server/ui/";

    private static final String AUDIT = "audit";
    private static final String AUDIT_OFF = "audit-off";
    private static final List<String> PAGES = List.of("dashboard", "inspector", "chat", AUDIT);

    private static final List<String> SHARED =
            List.of("pages.css", "uPlot.min.css", ICON, "words.js", "elements.js", "uPlot.esm.js", "uPlot.LICENSE.txt");

    private static final List<String> OWN = List.of(
            "server.js",
            "page.js",
            "tokens.js",
            "metrics.js",
            "dashboard.js",
            "inspector.js",
            "chat.js",
            "chats.js",
            "markdown.js",
            "audit.js");

    private final Map<String, PageFile> files = new HashMap<>();
    private final Map<PageVariant, PageFile> pages = new HashMap<>();

    /// A version of a page.
    ///
    /// @param name the name of the page
    /// @param language the page's language
    /// @param isNamed whether the request named the language, so that links must name the language too
    private record PageVariant(String name, PageLanguage language, boolean isNamed) {}

    /// Reads all pages.
    ///
    /// @param hasAudit whether the server keeps audit records; otherwise the audit page says how to turn them on
    public PageEndpoints(boolean hasAudit) {
        SHARED.forEach(name -> files.put(name, PageFile.shared(name)));
        OWN.forEach(name -> files.put(name, PageFile.of(name, read(UI + name))));
        files.put(MARKED, PageFile.of(MARKED, read(WebJar.MARKED.resource("lib/" + MARKED))));
        for (PageLanguage language : PageLanguage.values()) {
            files.put(language.module(), language.script(texts(language)));
            for (String name : PAGES) {
                for (boolean isNamed : new boolean[] {true, false}) {
                    PageVariant variant = new PageVariant(name, language, isNamed);
                    pages.put(variant, page(variant, hasAudit || !name.equals(AUDIT) ? name : AUDIT_OFF));
                }
            }
        }
    }

    /// The colours of depths, as many as `recursions` in the query says; without it, as many as the model has
    /// recursions.
    private static PageFile palette(Request request) {
        int recursions = request.exchange()
                .query("recursions")
                .filter(asked -> asked.matches("[1-9][0-9]?"))
                .map(Integer::valueOf)
                .orElseGet(() -> request.deployment().engine().config().numRecursions());
        return PageFile.of(PALETTE, DepthPalette.styleSheet(recursions));
    }

    /// A page: its content in the shared frame.
    private static PageFile page(PageVariant variant, String content) {
        PageLanguage language = variant.language();
        String page = text("frame.html")
                .replace("{content}", text(content + ".html"))
                .replace("{page}", variant.name())
                .replace(
                        "<a href=\"" + variant.name() + "\">",
                        "<a href=\"" + variant.name() + "\" aria-current=\"page\">");
        if (variant.isNamed()) {
            for (String name : PAGES) {
                page = page.replace("<a href=\"" + name + "\"", "<a href=\"" + name + "?lang=" + language.tag() + "\"");
            }
        }
        return language.fill(page, texts(language));
    }

    private static String texts(PageLanguage language) {
        return text("words." + language.tag() + ".json");
    }

    private static String text(String name) {
        return Resources.text(PageEndpoints.class.getResourceAsStream(UI + name), name);
    }

    private static byte[] read(String name) {
        return Resources.bytes(PageEndpoints.class.getResourceAsStream(name), name);
    }

    /// Whether a path leads to a page; pages need no key.
    public static boolean isPage(String path) {
        return path.equals(ROOT) || path.equals(FAVICON) || path.equals("/ui") || path.startsWith(FOLDER);
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", ROOT, Metering.NONE, request -> redirect(request, "ui/dashboard")),
                new Route("GET", FAVICON, Metering.NONE, this::icon),
                new Route("GET", "/ui", Metering.NONE, request -> redirect(request, "ui/dashboard")),
                new Route("GET", FOLDER, Metering.NONE, request -> redirect(request, "dashboard")),
                new Route("GET", FOLDER + "{file}", Metering.NONE, this::send));
    }

    static void redirect(Request request, String where) {
        Exchange exchange = request.exchange();
        exchange.setHeader("Location", where);
        exchange.send(307, "text/plain; charset=utf-8", new byte[0]);
    }

    /// Sends the icon that browsers request for pages without one; they accept any image type.
    private void icon(Request request) {
        PageFile icon = Objects.requireNonNull(files.get(ICON), ICON);
        request.exchange().send(200, icon.contentType(), icon.content());
    }

    private void send(Request request) {
        Exchange exchange = request.exchange();
        String name = exchange.path().substring(FOLDER.length());
        PageLanguage language = PageLanguage.of(exchange);
        PageFile file = PAGES.contains(name)
                ? pages.get(new PageVariant(
                        name, language, PageLanguage.named(exchange).isPresent()))
                : name.equals(PALETTE) ? palette(request) : files.get(name);
        if (file == null) {
            throw ApiException.notFound("no page " + name + " below /ui/; open /ui/dashboard");
        }
        if (PAGES.contains(name)) {
            exchange.setHeader("Content-Language", language.tag());
            exchange.setHeader("Vary", "Accept-Language");
        }
        file.send(exchange);
    }
}
