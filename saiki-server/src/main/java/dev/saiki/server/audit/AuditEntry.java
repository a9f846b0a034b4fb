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

/// An audit record under construction, filled in by those who answer the request.
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

    /// Begins the record of a request.
    ///
    /// @param trail where it is kept; empty if it is not
    /// @param model which model answers
    /// @param requestId what the request is called
    /// @param subject whose key it came with
    /// @param path that it asks
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

    /// Begins a record that is never kept, for a request of which nothing is known yet.
    ///
    /// @return a new entry
    public static AuditEntry unkept() {
        return new AuditEntry(
                Optional.empty(), () -> new ModelVersion("", "", ModelVersion.NO_ROUTER), "", Optional.empty(), "");
    }

    /// The request names the model that answers.
    ///
    /// @param named which
    public void answeredBy(Supplier<ModelVersion> named) {
        model = named;
    }

    /// The request was understood.
    ///
    /// @param asked what it asks for
    public void asked(RequestSettings asked) {
        settings = asked;
    }

    /// The engine has begun with an answer; only the first one matters.
    ///
    /// @param waited how long that took
    public void queued(Duration waited) {
        double millis = waited.toNanos() / 1e6;
        queueMillis = queueMillis == null ? millis : Math.min(queueMillis, millis);
    }

    /// A token has come; only the first one matters.
    public void token() {
        if (firstTokenMillis == null) {
            firstTokenMillis = millisSinceStart();
        }
    }

    /// An answer has ended.
    ///
    /// @param reason in OpenAI's words
    public void finished(String reason) {
        finishReasons.add(reason);
    }

    /// Tells whether {@link #said} is of use.
    ///
    /// @return whether texts are kept
    public boolean wantsTexts() {
        return trail.isPresent() && trail.get().keepsTexts();
    }

    /// An answer is complete.
    ///
    /// @param text what was said
    public void said(AuditedText text) {
        texts.add(text);
    }

    /// All answers have ended.
    ///
    /// @param cost what they cost
    public void spent(Spending cost) {
        spending = cost;
        done = true;
    }

    /// The request has ended otherwise.
    ///
    /// @param what stood in the way
    public void failed(String what) {
        error = what;
        done = true;
    }

    /// Returns what the answers cost.
    ///
    /// @return nothing until it is known
    public Optional<Spending> spending() {
        return Optional.ofNullable(spending);
    }

    /// Tells whether all is known that will be, so that {@link #keep} has to come before the answer's last
    /// byte.
    ///
    /// @return whether it is
    public boolean isDone() {
        return done;
    }

    /// Keeps the record; when it returns, the record is on disk. The first time counts: an answer's last byte and the
    /// end of its request both ask for it, and the earlier of them knows the status.
    ///
    /// @param status of HTTP
    /// @throws dev.saiki.http.ApiException with status 503 if it could not be kept, and records are
    ///     required
    public void keep(int status) {
        if (!kept && trail.isPresent()) {
            AuditRecord record = record(status);
            // From here on it is known whether the record is lost, and no second one must follow.
            kept = true;
            trail.get().keep(record);
        }
    }

    /// Says what is known of the request by now.
    ///
    /// @param status of HTTP
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
