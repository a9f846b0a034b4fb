package dev.saiki.server.pages;

import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// `/docs`: the API of `/openapi.json` in Swagger UI, which this server sends itself.
public final class DocsEndpoint {

    private static final String PATH = "/docs";
    private static final String FOLDER = PATH + "/";
    private static final String PAGE = "index.html";

    /// The policy of the other pages, relaxed for Swagger UI, which makes markup of strings and has pictures in its
    /// style sheet.
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String OWN = "/dev/saiki/server/ui/";

    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";

    /// All files that are served; read at each request, since requests are rare.
    private static final Map<String, File> FILES = Map.of(
            PAGE,
            new File("text/html; charset=utf-8", () -> OWN + "docs.html"),
            "docs.js",
            new File(SCRIPT, () -> OWN + "docs.js"),
            "docs.css",
            new File(STYLE, () -> OWN + "docs.css"),
            "swagger-ui-bundle.js",
            new File(SCRIPT, () -> WebJar.SWAGGER_UI.resource("swagger-ui-bundle.js")),
            "swagger-ui.css",
            new File(STYLE, () -> WebJar.SWAGGER_UI.resource("swagger-ui.css")));

    /// A file and its resource.
    private record File(String contentType, Supplier<String> resource) {}

    private DocsEndpoint() {}

    private static InputStream open(String resource) {
        return Objects.requireNonNull(DocsEndpoint.class.getResourceAsStream(resource), resource);
    }

    /// Whether a path is part of the documentation, which needs no key since it is the same on every server.
    public static boolean isPart(String path) {
        return path.equals(PATH) || path.startsWith(FOLDER) || path.equals(OpenApiEndpoint.PATH);
    }

    public static List<Route> routes() {
        return List.of(
                new Route("GET", PATH, Metering.NONE, DocsEndpoint::redirect),
                new Route("GET", FOLDER, Metering.NONE, request -> send(request.exchange(), PAGE)),
                new Route(
                        "GET",
                        FOLDER + "{file}",
                        Metering.NONE,
                        request -> send(
                                request.exchange(), request.exchange().path().substring(FOLDER.length()))));
    }

    private static void redirect(Request request) {
        Exchange exchange = request.exchange();
        exchange.setHeader("Location", "docs/");
        exchange.send(307, "text/plain; charset=utf-8", new byte[0]);
    }

    private static void send(Exchange exchange, String name) {
        File file = FILES.get(name);
        if (file == null) {
            throw ApiException.notFound("no page " + name + " below /docs/; open /docs/");
        }
        exchange.setHeader("Content-Security-Policy", POLICY);
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        exchange.setHeader("Referrer-Policy", "no-referrer");
        exchange.setHeader("Cache-Control", "no-cache");
        try (InputStream content = open(file.resource().get())) {
            exchange.send(200, file.contentType(), content.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
