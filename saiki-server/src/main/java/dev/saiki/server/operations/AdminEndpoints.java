package dev.saiki.server.operations;

import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.ModelDeployment;
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

    private final Function<Optional<String>, ModelDeployment> reload;
    private final Supplier<ModelDeployment> rollBack;

    /// Makes the endpoints.
    ///
    /// @param reload serves the checkpoint of a folder
    /// @param rollBack serves the checkpoint before
    public AdminEndpoints(Function<Optional<String>, ModelDeployment> reload, Supplier<ModelDeployment> rollBack) {
        this.reload = reload;
        this.rollBack = rollBack;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                Route.forOperators("POST", "/admin/reload", this::reload),
                Route.forOperators("POST", "/admin/rollback", this::rollBack));
    }

    private void reload(Request request) {
        Exchange exchange = request.exchange();
        boolean empty = exchange.header("Transfer-Encoding").isEmpty()
                && exchange.header("Content-Length").orElse("0").equals("0");
        Optional<String> name = empty
                ? Optional.empty()
                : RequestBody.read(exchange, MOST_BODY_BYTES).text("model");
        answer(request, reload.apply(name));
    }

    private void rollBack(Request request) {
        answer(request, rollBack.get());
    }

    private static void answer(Request request, ModelDeployment served) {
        ObjectNode body = Json.object();
        body.put("generation", served.number());
        body.put("folder", served.folder());
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }
}
