package dev.saiki.server.access;

import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.http.Exchange;

/// A request on its way to its endpoint, with what the filters have found out about it.
///
/// @param id by which the client, logs and records name it
/// @param exchange what came over HTTP, and where the answer goes
/// @param deployment the model that answers it
/// @param caller who makes it
/// @param entry what becomes its record
public record Request(String id, Exchange exchange, ModelDeployment deployment, Caller caller, AuditEntry entry) {

    /// A request of which nothing is known yet.
    static Request of(String id, Exchange exchange, ModelDeployment deployment) {
        return new Request(id, exchange, deployment, Caller.ANYONE, AuditEntry.unkept());
    }

    /// Says who makes it.
    Request by(Caller known) {
        return new Request(id, exchange, deployment, known, entry);
    }

    /// Begins its record.
    Request recordedIn(AuditEntry begun) {
        return new Request(id, exchange, deployment, caller, begun);
    }

    /// Replaces where its answer goes.
    Request over(Exchange other) {
        return new Request(id, other, deployment, caller, entry);
    }
}
