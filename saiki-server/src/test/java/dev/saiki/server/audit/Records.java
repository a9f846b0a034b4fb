package dev.saiki.server.audit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Audit records of invented requests.
final class Records {

    static final Instant NOON = Instant.parse("2026-03-04T12:00:00.123456Z");

    private Records() {}

    static AuditRecord of(String id, String subject, Instant time) {
        return of(id, subject, time, 200, List.of());
    }

    static AuditRecord of(String id, String subject, Instant time, int status, List<AuditedText> texts) {
        return new AuditRecord(
                id,
                "request-" + id,
                time,
                Optional.of(subject),
                "/v1/completions",
                new ModelVersion("tiny", "a1".repeat(32), "b2".repeat(32)),
                Optional.of(new RequestSettings(
                        12, 0.7, 40, 0.9, 0.05, Long.MIN_VALUE, Optional.of(0.5), 1, Optional.of(2), 1, 2, true)),
                Optional.of(new Spending(10, 3, 7, 2, List.of(8L, 5L, 2L), 4_000_000_000_000L, 1_000_000_000_000L)),
                new AuditRecord.Timing(Optional.of(0.25), Optional.of(1.5), 20.75),
                Optional.of("stop,length"),
                Optional.empty(),
                status,
                texts);
    }

    /// A request that was refused before anything was known about it.
    static AuditRecord refused(String id, Instant time) {
        return new AuditRecord(
                id,
                "request-" + id,
                time,
                Optional.empty(),
                "/v1/chat/completions",
                new ModelVersion("tiny", "a1".repeat(32), ModelVersion.NO_ROUTER),
                Optional.empty(),
                Optional.empty(),
                new AuditRecord.Timing(Optional.empty(), Optional.empty(), 0.5),
                Optional.empty(),
                Optional.of("invalid_request_error"),
                400,
                List.of());
    }
}
