package dev.saiki.rollout;

import dev.saiki.server.PageFiles;
import dev.saiki.server.http.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/// The page of a rollout, in the style of the server's. It holds no data: what it shows it asks for, with the key that
/// is typed in.
final class PageEndpoint {

    private static final String FOLDER = "/page/";

    /// Nothing from elsewhere, and no way to make markup or scripts of strings.
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";

    private final Map<String, File> files = Map.of(
            "/",
            new File("text/html; charset=utf-8", own("rollout.html")),
            FOLDER + "rollout.js",
            new File("text/javascript; charset=utf-8", own("rollout.js")),
            FOLDER + "uPlot.esm.js",
            new File("text/javascript; charset=utf-8", common("uPlot.esm.js")),
            FOLDER + "uPlot.min.css",
            new File("text/css; charset=utf-8", common("uPlot.min.css")),
            FOLDER + "pages.css",
            new File("text/css; charset=utf-8", common("pages.css")),
            FOLDER + "icon.svg",
            new File("image/svg+xml", common("icon.svg")));

    /// A file as it is sent.
    @SuppressWarnings("ArrayRecordComponent") // Bytes that nothing compares.
    private record File(String contentType, byte[] content) {}

    private static byte[] common(String name) {
        return PageFiles.text(name).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] own(String name) {
        try (InputStream resource =
                Objects.requireNonNull(PageEndpoint.class.getResourceAsStream("page/" + name), name)) {
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Answers what asks for the page or a part of it.
    ///
    /// @return whether it has answered
    boolean answers(Exchange exchange) {
        File file = exchange.method().equals("GET") ? files.get(exchange.path()) : null;
        if (file == null) {
            return false;
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
