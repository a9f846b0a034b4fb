package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.deployment.ModelDeployment;
import java.util.Optional;

/// A request with the properties that filters have determined, such as its caller and its model.
///
/// @param id the request's id, for the client, logs and records
/// @param path the path by which the route is looked up
/// @param exchange the HTTP request, and the channel of the response
/// @param models the models that this request uses
/// @param deployment the model that answers the request
/// @param caller the client, identified by an API key
/// @param entry the entry of the audit
public record Request(
        String id,
        String path,
        Exchange exchange,
        EnteredModels models,
        ModelDeployment deployment,
        Caller caller,
        AuditEntry entry) {

    /// A request before any filter has run.
    static Request of(String id, Exchange exchange, EnteredModels models) {
        return new Request(id, exchange.path(), exchange, models, models.first(), Caller.ANYONE, AuditEntry.unkept());
    }

    /// Sets the caller.
    Request by(Caller known) {
        return new Request(id, path, exchange, models, deployment, known, entry);
    }

    /// Sets the audit entry.
    Request recordedIn(AuditEntry begun) {
        return new Request(id, path, exchange, models, deployment, caller, begun);
    }

    /// Sets the path.
    Request at(String other) {
        return new Request(id, other, exchange, models, deployment, caller, entry);
    }

    /// Sets the model.
    ///
    /// @param name the model's name in the request; empty to keep the model
    /// @throws dev.saiki.http.ApiException with status 404 if there is no model of this name
    public Request forModel(Optional<String> name) {
        if (name.isEmpty()) {
            return this;
        }
        ModelDeployment named = models.named(name.get());
        entry.answeredBy(named.version());
        return new Request(id, path, exchange, models, named, caller, entry);
    }
}
