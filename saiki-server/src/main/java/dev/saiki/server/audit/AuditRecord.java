package dev.saiki.server.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The audit record of one request.
///
/// @param id its own, made by the server
/// @param requestId what the client or the server called it in `X-Request-Id`
/// @param time when it came
/// @param subject whose key it came with, if keys are on
/// @param path that it asked
/// @param model which model answered
/// @param settings what was asked for, if it could be understood
/// @param spending what the answers cost, as far as they were written
/// @param timing how long it took
/// @param finishReason why the answers ended, each reason once
/// @param error what stood in the way, in the words of monitoring
/// @param status of HTTP; 499 if the client had gone
/// @param texts of prompts and answers, where that is switched on
public record AuditRecord(
        String id,
        String requestId,
        Instant time,
        Optional<String> subject,
        String path,
        ModelVersion model,
        Optional<RequestSettings> settings,
        Optional<Spending> spending,
        Timing timing,
        Optional<String> finishReason,
        Optional<String> error,
        int status,
        List<AuditedText> texts) {

    /// Keeps the time as exactly as a database does, and its own copy of the texts.
    public AuditRecord {
        time = time.truncatedTo(ChronoUnit.MICROS);
        texts = List.copyOf(texts);
    }

    /// The times that a request took, in milliseconds.
    ///
    /// @param queue until the engine began with its first answer
    /// @param firstToken until the first token was there
    /// @param total until the end of the answer was ready to be sent
    public record Timing(Optional<Double> queue, Optional<Double> firstToken, double total) {}

    AuditRecord withTexts(List<AuditedText> said) {
        return new AuditRecord(
                id,
                requestId,
                time,
                subject,
                path,
                model,
                settings,
                spending,
                timing,
                finishReason,
                error,
                status,
                said);
    }

    /// Leaves out whose it was and what was said.
    ///
    /// @return a record that names nobody
    AuditRecord anonymous() {
        return new AuditRecord(
                id,
                "",
                time,
                Optional.empty(),
                path,
                model,
                settings,
                spending,
                timing,
                finishReason,
                error,
                status,
                List.of());
    }
}
