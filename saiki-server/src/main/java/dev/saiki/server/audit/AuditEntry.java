package dev.saiki.server.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An audit record under construction, filled in while the request is answered.
public final class AuditEntry {

    private final Optional<AuditTrail> trail;
    private Supplier<ModelVersion> model;
    private final String requestId;
    private final Optional<String> subject;
    private final String path;
    private final Instant time = Instant.now();
    private final long start = System.nanoTime();
    private final SequencedSet<String> finishReasons = new LinkedHashSet<>();
    private final List<AuditedText> texts = new ArrayList<>();
    private @Nullable RequestSettings settings;
    private @Nullable Spending spending;
    private @Nullable Double queueMillis;
    private @Nullable Double firstTokenMillis;
    private @Nullable String error;
    private boolean done;
    private boolean kept;

    /// Starts the record of a request.
    ///
    /// @param trail the trail in which the record is stored; empty to store nothing
    /// @param model the model whose version is recorded
    /// @param requestId the id of the request
    /// @param subject the name of the API key that the request was sent with
    /// @param path the path of the request
    public AuditEntry(
            Optional<AuditTrail> trail,
            Supplier<ModelVersion> model,
            String requestId,
            Optional<String> subject,
            String path) {
        this.trail = trail;
        this.model = model;
        this.requestId = requestId;
        this.subject = subject;
        this.path = path;
    }

    /// Starts a record that is never stored, for a request before any filter has run.
    ///
    /// @return a new entry
    public static AuditEntry unkept() {
        return new AuditEntry(
                Optional.empty(), () -> new ModelVersion("", "", ModelVersion.NO_ROUTER), "", Optional.empty(), "");
    }

    /// Sets the model that the request names.
    ///
    /// @param named the named model, whose version is recorded
    public void answeredBy(Supplier<ModelVersion> named) {
        model = named;
    }

    /// Records the settings of a parsed request.
    ///
    /// @param asked the settings
    public void asked(RequestSettings asked) {
        settings = asked;
    }

    /// Records that the engine has started to generate an answer. For several answers, the shortest wait is
    /// recorded.
    ///
    /// @param waited the time that the answer waited in the queue
    public void queued(Duration waited) {
        double millis = waited.toNanos() / 1e6;
        queueMillis = queueMillis == null ? millis : Math.min(queueMillis, millis);
    }

    /// Records that a token has arrived; only the time of the first one is kept.
    public void token() {
        if (firstTokenMillis == null) {
            firstTokenMillis = millisSinceStart();
        }
    }

    /// Records that an answer has ended.
    ///
    /// @param reason the reason, in OpenAI's terms
    public void finished(String reason) {
        finishReasons.add(reason);
    }

    /// Tells whether texts are stored; if so, {@link #said} must be called.
    ///
    /// @return whether texts are kept
    public boolean wantsTexts() {
        return trail.isPresent() && trail.get().keepsTexts();
    }

    /// Adds the texts of an answer that has ended.
    ///
    /// @param text the text of the prompt and the answer
    public void said(AuditedText text) {
        texts.add(text);
    }

    /// Records that all answers have ended.
    ///
    /// @param cost the cost of the answers
    public void spent(Spending cost) {
        spending = cost;
        done = true;
    }

    /// Records that the request has failed.
    ///
    /// @param what the label of the failure in metrics
    public void failed(String what) {
        error = what;
        done = true;
    }

    /// Returns the cost of the answers.
    ///
    /// @return the cost; empty until the cost is known
    public Optional<Spending> spending() {
        return Optional.ofNullable(spending);
    }

    /// Tells whether the record is complete; if so, {@link #keep} must be called before the answer's last byte.
    ///
    /// @return whether the record is complete
    public boolean isDone() {
        return done;
    }

    /// Stores the record; when the method returns, the record is on disk or counted as lost. This method is
    /// called before the last byte of the answer and again at the end of the request. Only the first call has
    /// an effect, because its status is the right one.
    ///
    /// @param status the HTTP status
    /// @throws dev.saiki.http.ApiException with status 503 if the record could not be stored, and records are
    ///     required
    public void keep(int status) {
        if (!kept && trail.isPresent()) {
            AuditRecord record = record(status);
            // Set before storing: the record is then either stored or counted as lost, and must not be stored
            // again.
            kept = true;
            trail.get().keep(record);
        }
    }

    /// Builds the record from the facts recorded so far.
    ///
    /// @param status the HTTP status
    /// @return the record
    public AuditRecord record(int status) {
        return new AuditRecord(
                UUID.randomUUID().toString(),
                requestId,
                time,
                subject,
                path,
                model.get(),
                Optional.ofNullable(settings),
                Optional.ofNullable(spending),
                new AuditRecord.Timing(
                        Optional.ofNullable(queueMillis), Optional.ofNullable(firstTokenMillis), millisSinceStart()),
                finishReasons.isEmpty() ? Optional.empty() : Optional.of(String.join(",", finishReasons)),
                Optional.ofNullable(error),
                status,
                texts);
    }

    private double millisSinceStart() {
        return (System.nanoTime() - start) / 1e6;
    }
}
