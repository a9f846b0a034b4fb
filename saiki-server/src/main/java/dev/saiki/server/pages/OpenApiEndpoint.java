package dev.saiki.server.pages;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.http.Json;
import dev.saiki.io.Resources;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Route;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// `/openapi.json`: the description of the API, written by hand, and compared by a test with the routes and
/// fields.
public final class OpenApiEndpoint {

    public static final String PATH = "/openapi.json";

    private static final String RESOURCE = "openapi.json";

    private OpenApiEndpoint() {}

    /// The routes.
    ///
    /// @param model the model name that the examples use
    public static List<Route> routes(String model) {
        byte[] resource = Resources.bytes(OpenApiEndpoint.class.getResourceAsStream(RESOURCE), RESOURCE);
        ObjectNode document = (ObjectNode) Json.read(resource);
        document.withObject("/info").put("version", Manifest.currentVersion());
        ((ObjectNode) document.at("/paths/~1v1~1models~1{model}/get/parameters/0")).put("example", model);
        byte[] bytes = Json.bytes(document);
        return List.of(new Route(
                "GET", PATH, Metering.NONE, request -> request.exchange().send(200, Json.CONTENT_TYPE, bytes)));
    }
}
