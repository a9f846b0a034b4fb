package dev.saiki.server.pages;

import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Route;
import dev.saiki.server.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/// `/openapi.json`: all that can be asked for, in OpenAPI's words. Written by hand; a test holds it against the
/// routes and the fields that are read.
public final class OpenApiEndpoint {

    public static final String PATH = "/openapi.json";

    private static final byte[] DOCUMENT = read();

    private OpenApiEndpoint() {}

    private static byte[] read() {
        try (InputStream resource =
                Objects.requireNonNull(OpenApiEndpoint.class.getResourceAsStream("openapi.json"), "openapi.json")) {
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Route> routes() {
        return List.of(new Route(
                "GET", PATH, Metering.NONE, request -> request.exchange().send(200, Json.CONTENT_TYPE, DOCUMENT)));
    }
}
