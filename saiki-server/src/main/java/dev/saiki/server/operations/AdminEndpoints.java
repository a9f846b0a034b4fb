package dev.saiki.server.operations;

import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.Generation;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/// `/admin/reload` and `/admin/rollback`: another checkpoint, and the one before.
public final class AdminEndpoints {

    private static final int MOST_BODY_BYTES = 4096;

    private final Function<Optional<String>, Generation> reload;
    private final Supplier<Generation> goBack;

    public AdminEndpoints(Function<Optional<String>, Generation> reload, Supplier<Generation> goBack) {
        this.reload = reload;
        this.goBack = goBack;
    }

    public List<Route> routes() {
        return List.of(
                Route.forOperators("POST", "/admin/reload", this::reload),
                Route.forOperators("POST", "/admin/rollback", this::goBack));
    }

    private void reload(Exchange exchange) {
        boolean empty = exchange.header("Transfer-Encoding").isEmpty()
                && exchange.header("Content-Length").orElse("0").equals("0");
        Optional<String> name = empty
                ? Optional.empty()
                : RequestBody.read(exchange, MOST_BODY_BYTES).text("model");
        answer(exchange, reload.apply(name));
    }

    private void goBack(Exchange exchange) {
        answer(exchange, goBack.get());
    }

    private static void answer(Exchange exchange, Generation served) {
        ObjectNode body = Json.object();
        body.put("generation", served.number());
        body.put("folder", served.folder());
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }
}
