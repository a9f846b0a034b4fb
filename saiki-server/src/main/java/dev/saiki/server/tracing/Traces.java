package dev.saiki.server.tracing;

import dev.saiki.http.Exchange;
import dev.saiki.server.audit.AuditEntry;
import java.net.URI;
import java.util.Optional;

/// A sink for the traces of requests.
public interface Traces extends AutoCloseable {

    /// Nobody is told.
    Traces NONE = new Traces() {
        @Override
        public void tell(Exchange exchange, AuditEntry entry, int status) {}

        @Override
        public void close() {}
    };

    /// Begins to tell a collector, if there is one. Without one, nothing of OpenTelemetry's is loaded.
    ///
    /// @param collector where it listens for OTLP over HTTP
    /// @return who is told
    static Traces to(Optional<URI> collector) {
        return collector.isPresent() ? new OtlpTraces(collector.get()) : NONE;
    }

    /// Tells of a request that has ended.
    ///
    /// @param exchange the request, whose header `traceparent` may name what it is a part of
    /// @param entry what happened
    /// @param status of HTTP
    void tell(Exchange exchange, AuditEntry entry, int status);

    /// Hands over what was told, and tells no more.
    @Override
    void close();
}
