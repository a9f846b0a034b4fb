/// Tracing of requests to an OpenTelemetry collector.
///
/// {@link dev.saiki.server.tracing.OtlpTraces} reports each request that ran the engine, from the same entry as
/// the audit record.
package dev.saiki.server.tracing;
