package dev.saiki.server.operations;

import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.ModelDeployment;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints `/admin/reload` and `/admin/rollback`, which load a model's next checkpoint and return to its
/// previous one.
///
/// @param reload the action that serves a folder's checkpoint under a model's name
/// @param rollBack the action that serves the previous checkpoint under a model's name
public record AdminEndpoints(
        BiFunction<Optional<String>, Optional<String>, ModelDeployment> reload,
        Function<Optional<String>, ModelDeployment> rollBack) {

    private static final int MAX_BODY_BYTES = 4096;

    /// The routes.
    public List<Route> routes() {
        return List.of(
                Route.forOperators("POST", "/admin/reload", this::reload),
                Route.forOperators("POST", "/admin/rollback", this::rollBack));
    }

    private void reload(Request request) {
        Optional<RequestBody> body = body(request.exchange());
        answer(request, reload.apply(nameIn(body), body.flatMap(said -> said.text("model"))));
    }

    private void rollBack(Request request) {
        answer(request, rollBack.apply(nameIn(body(request.exchange()))));
    }

    /// The name of the model in the request; required if the server has several models.
    private static Optional<String> nameIn(Optional<RequestBody> body) {
        return body.flatMap(said -> said.text("name"));
    }

    private static Optional<RequestBody> body(Exchange exchange) {
        boolean empty = exchange.header("Transfer-Encoding").isEmpty()
                && exchange.header("Content-Length").orElse("0").equals("0");
        return empty ? Optional.empty() : Optional.of(RequestBody.read(exchange, MAX_BODY_BYTES));
    }

    private static void answer(Request request, ModelDeployment served) {
        ObjectNode body = Json.object();
        body.put("name", served.name());
        body.put("generation", served.number());
        body.put("folder", served.folder());
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }
}
