package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.deployment.ModelDeployment;
import java.util.Optional;

/// A request on its way to its endpoint, with what the filters found out about it.
public final class Request {

    private final String id;
    private final Exchange exchange;
    private final EnteredModels models;
    private final ModelDeployment deployment;
    private final Caller caller;
    private final AuditEntry entry;

    private Request(
            String id,
            Exchange exchange,
            EnteredModels models,
            ModelDeployment deployment,
            Caller caller,
            AuditEntry entry) {
        this.id = id;
        this.exchange = exchange;
        this.models = models;
        this.deployment = deployment;
        this.caller = caller;
        this.entry = entry;
    }

    /// A request before any filter has run.
    static Request of(String id, Exchange exchange, EnteredModels models) {
        return new Request(id, exchange, models, models.first(), Caller.ANYONE, AuditEntry.unkept());
    }

    /// The id of the request for the client, logs and records.
    public String id() {
        return id;
    }

    /// The HTTP request, and the channel of its response.
    public Exchange exchange() {
        return exchange;
    }

    /// The model that is to answer it.
    public ModelDeployment deployment() {
        return deployment;
    }

    /// The caller.
    public Caller caller() {
        return caller;
    }

    /// The audit entry of the request.
    public AuditEntry entry() {
        return entry;
    }

    /// Sets the caller.
    Request by(Caller known) {
        return new Request(id, exchange, models, deployment, known, entry);
    }

    /// Sets the audit entry.
    Request recordedIn(AuditEntry begun) {
        return new Request(id, exchange, models, deployment, caller, begun);
    }

    /// Replaces the exchange.
    Request over(Exchange other) {
        return new Request(id, other, models, deployment, caller, entry);
    }

    /// Sets the model.
    ///
    /// @param name in the request; if empty, the default model remains
    /// @throws dev.saiki.http.ApiException with status 404 if there is no model of this name
    public Request forModel(Optional<String> name) {
        if (name.isEmpty()) {
            return this;
        }
        ModelDeployment named = models.named(name.get());
        entry.answeredBy(named.version());
        return new Request(id, exchange, models, named, caller, entry);
    }
}
