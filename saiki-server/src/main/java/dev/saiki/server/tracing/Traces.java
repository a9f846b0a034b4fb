package dev.saiki.server.tracing;

import dev.saiki.http.Exchange;
import dev.saiki.server.audit.AuditEntry;
import java.net.URI;
import java.util.Optional;

/// A sink for the traces of requests.
public interface Traces extends AutoCloseable {

    /// A sink that discards all traces.
    Traces NONE = new Traces() {
        @Override
        public void tell(Exchange exchange, AuditEntry entry, int status) {}

        @Override
        public void close() {}
    };

    /// Opens a sink to a collector, if there is one. Without one, no class of OpenTelemetry is loaded.
    ///
    /// @param collector its address for OTLP over HTTP
    /// @return the sink
    static Traces to(Optional<URI> collector) {
        return collector.isPresent() ? new OtlpTraces(collector.get()) : NONE;
    }

    /// Reports a request that has ended.
    ///
    /// @param exchange the request, whose header `traceparent` may name its parent span
    /// @param entry its audit entry
    /// @param status of HTTP
    void tell(Exchange exchange, AuditEntry entry, int status);

    /// Sends the remaining traces, and accepts no more.
    @Override
    void close();
}
