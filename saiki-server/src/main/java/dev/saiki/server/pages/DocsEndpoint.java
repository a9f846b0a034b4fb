package dev.saiki.server.pages;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.page.PageFile;
import dev.saiki.io.Resources;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Route;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// `/docs`: the API of `/openapi.json` in Swagger UI, whose files this server sends itself.
public final class DocsEndpoint {

    private static final String PATH = "/docs";
    private static final String FOLDER = PATH + "/";
    private static final String PAGE = "index.html";

    /// The policy of the other pages, relaxed for Swagger UI, which creates markup from strings and has images in
    /// its style sheet.
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String OWN = "/dev/saiki/server/ui/";

    /// The resource names of the served files; a file is read at each request, because requests are rare.
    private static final Map<String, Supplier<String>> FILES = Map.of(
            PAGE,
            () -> OWN + "docs.html",
            "docs.js",
            () -> OWN + "docs.js",
            "docs.css",
            () -> OWN + "docs.css",
            "swagger-ui-bundle.js",
            () -> WebJar.SWAGGER_UI.resource("swagger-ui-bundle.js"),
            "swagger-ui.css",
            () -> WebJar.SWAGGER_UI.resource("swagger-ui.css"));

    private DocsEndpoint() {}

    /// Whether a path is part of the documentation, which needs no key because it is the same on every server.
    public static boolean isPart(String path) {
        return path.equals(PATH) || path.startsWith(FOLDER) || path.equals(OpenApiEndpoint.PATH);
    }

    public static List<Route> routes() {
        return List.of(
                new Route("GET", PATH, Metering.NONE, request -> PageEndpoints.redirect(request, "docs/")),
                new Route("GET", FOLDER, Metering.NONE, request -> send(request.exchange(), PAGE)),
                new Route(
                        "GET",
                        FOLDER + "{file}",
                        Metering.NONE,
                        request -> send(
                                request.exchange(), request.exchange().path().substring(FOLDER.length()))));
    }

    private static void send(Exchange exchange, String name) {
        Supplier<String> resource = FILES.get(name);
        if (resource == null) {
            throw ApiException.notFound("no page " + name + " below /docs/; open /docs/");
        }
        InputStream file = DocsEndpoint.class.getResourceAsStream(resource.get());
        PageFile.of(name, Resources.bytes(file, resource.get())).send(exchange, POLICY);
    }
}
