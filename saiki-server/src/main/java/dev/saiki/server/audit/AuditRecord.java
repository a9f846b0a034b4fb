package dev.saiki.server.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The audit record of one request.
///
/// @param id the id that the server assigned
/// @param requestId the `X-Request-Id` of the client or the server
/// @param time the time of the request's arrival
/// @param subject the name of the request's key, if the server has keys
/// @param path the path of the request
/// @param model the version of the model
/// @param settings the settings of the request; empty if the request could not be parsed
/// @param spending the cost of the answers, as far as they were computed
/// @param timing the request's latencies
/// @param finishReason the distinct reasons why the answers ended
/// @param error the failure, under its label in metrics
/// @param status the HTTP status; 499 if the client had disconnected
/// @param texts the texts of prompts and answers, if texts are stored
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

    /// Truncates the time to the precision of a database, and copies the texts.
    public AuditRecord {
        time = time.truncatedTo(ChronoUnit.MICROS);
        texts = List.copyOf(texts);
    }

    /// The latencies of a request, in milliseconds.
    ///
    /// @param queue the time until the engine started the first answer
    /// @param firstToken the time until the first token
    /// @param total the time until the end of the answer was ready to send
    public record Timing(Optional<Double> queue, Optional<Double> firstToken, double total) {}

    AuditRecord withTexts(List<AuditedText> said) {
        return with(requestId, subject, said);
    }

    /// Returns a copy without the subject, the request's id and the texts.
    ///
    /// @return an anonymous record
    AuditRecord anonymous() {
        return with("", Optional.empty(), List.of());
    }

    private AuditRecord with(String request, Optional<String> key, List<AuditedText> said) {
        return new AuditRecord(
                id, request, time, key, path, model, settings, spending, timing, finishReason, error, status, said);
    }
}
