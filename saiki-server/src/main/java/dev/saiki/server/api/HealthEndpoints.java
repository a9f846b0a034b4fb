package dev.saiki.server.api;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.server.wire.Exchange;
import dev.saiki.server.wire.Json;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Whether the server lives, and whether it takes work: for whoever restarts it, and for whoever sends it requests.
final class HealthEndpoints {

    private final Presence presence;

    HealthEndpoints(Presence presence) {
        this.presence = presence;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/health/live", false, exchange -> answer(exchange, presence.isAlive())),
                new Route("GET", "/health/ready", false, exchange -> answer(exchange, presence.isReady())),
                new Route("GET", "/health", false, exchange -> answer(exchange, presence.isReady())),
                new Route("GET", "/version", false, HealthEndpoints::version));
    }

    private static void answer(Exchange exchange, boolean well) {
        ObjectNode body = Json.object().put("status", well ? "ok" : "unavailable");
        exchange.send(well ? 200 : 503, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private static void version(Exchange exchange) {
        ObjectNode body = Json.object();
        body.put("version", Manifest.currentVersion());
        body.put("java", Runtime.version().toString());
        body.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        body.put("processors", Runtime.getRuntime().availableProcessors());
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }
}
