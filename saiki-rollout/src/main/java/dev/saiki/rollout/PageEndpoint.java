package dev.saiki.rollout;

import dev.saiki.io.display.DepthPalette;
import dev.saiki.server.PageFiles;
import dev.saiki.server.http.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The page of a rollout, in the style and the languages of the server's. It holds no data: what it shows
/// it asks for, with the key that is typed in.
final class PageEndpoint {

    private static final String ROOT = "/";
    private static final String FOLDER = "/page/";
    private static final String PALETTE = FOLDER + "depths.css";

    /// Nothing from elsewhere, and no way to make markup or scripts of strings.
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";

    private final Map<String, File> pages = new HashMap<>();
    private final Map<String, File> files = new HashMap<>();

    /// A file as it is sent.
    @SuppressWarnings("ArrayRecordComponent") // Bytes that nothing compares.
    private record File(String contentType, byte[] content) {}

    PageEndpoint() {
        PageFiles.inEachLanguage(own("rollout.html"), PageEndpoint::words).forEach((language, page) -> {
            pages.put(language, file("rollout.html", page));
            String module = "words." + language + ".js";
            files.put(
                    FOLDER + module,
                    file(module, "export default " + words(language).strip() + ";\n"));
        });
        files.put(FOLDER + "rollout.js", file("rollout.js", own("rollout.js")));
        for (String name : List.of("words.js", "elements.js", "uPlot.esm.js", "uPlot.min.css", "pages.css", "icon.svg")) {
            files.put(FOLDER + name, file(name, PageFiles.text(name)));
        }
        files.put("/openapi.json", file("openapi.json", own("openapi.json")));
    }

    private static String words(String language) {
        return own("words." + language + ".json");
    }

    private static String own(String name) {
        try (InputStream resource =
                Objects.requireNonNull(PageEndpoint.class.getResourceAsStream("page/" + name), name)) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static File file(String name, String text) {
        String type = switch (name.substring(name.lastIndexOf('.'))) {
            case ".html" -> "text/html; charset=utf-8";
            case ".js" -> "text/javascript; charset=utf-8";
            case ".css" -> "text/css; charset=utf-8";
            case ".json" -> "application/json";
            case ".svg" -> "image/svg+xml";
            default -> throw new IllegalArgumentException(name);
        };
        return new File(type, text.getBytes(StandardCharsets.UTF_8));
    }

    /// The colours of as many depths as the page asks for.
    private static File palette(Exchange exchange) {
        String asked = exchange.query("recursions").orElse("1");
        int recursions = asked.matches("[1-9][0-9]?") ? Integer.parseInt(asked) : 1;
        return file(PALETTE, DepthPalette.styleSheet(recursions));
    }

    /// All that it answers, as a method and a path.
    Set<String> operations() {
        return Set.of("GET " + ROOT, "GET " + FOLDER + "{file}", "GET /openapi.json");
    }

    /// Answers what asks for the page or a part of it.
    ///
    /// @return whether it has answered
    boolean answers(Exchange exchange) {
        boolean isPage = exchange.path().equals(ROOT);
        String language = PageFiles.language(exchange);
        File file = isPage
                ? pages.get(language)
                : exchange.path().equals(PALETTE) ? palette(exchange) : files.get(exchange.path());
        if (file == null || !exchange.method().equals("GET")) {
            return false;
        }
        if (isPage) {
            exchange.setHeader("Content-Language", language);
            exchange.setHeader("Vary", "Accept-Language");
        }
        exchange.setHeader("Content-Security-Policy", POLICY);
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        exchange.setHeader("Referrer-Policy", "no-referrer");
        exchange.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        exchange.setHeader("Cache-Control", "no-cache");
        exchange.send(200, file.contentType(), file.content());
        return true;
    }
}
