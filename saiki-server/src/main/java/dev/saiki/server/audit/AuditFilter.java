package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.time.Instant;
import java.util.Optional;

/// A selection of audit records, newest first.
///
/// @param since the earliest time
/// @param until the end of the period, exclusive
/// @param subject the name of the API key
/// @param model the name of the model
/// @param status the HTTP status
/// @param after the id of the last record of the previous page; the page starts after that record
/// @param limit the largest number of records
public record AuditFilter(
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<String> subject,
        Optional<String> model,
        Optional<Integer> status,
        Optional<String> after,
        int limit) {

    /// The largest page.
    public static final int MAX_LIMIT = 1000;

    /// The default page size.
    public static final int DEFAULT_LIMIT = 100;

    /// A filter that selects the newest {@value #DEFAULT_LIMIT} of all records.
    public static final AuditFilter ALL = new AuditFilter(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            DEFAULT_LIMIT);

    /// Checks the limit.
    ///
    /// @throws InputException naming the allowed values and the given one
    public AuditFilter {
        InputException.requireBetween("limit", limit, 1, MAX_LIMIT);
    }

    /// Replaces the times.
    ///
    /// @param first the earliest time
    /// @param last the end, exclusive
    /// @return changed filter
    public AuditFilter between(Optional<Instant> first, Optional<Instant> last) {
        return new AuditFilter(first, last, subject, model, status, after, limit);
    }

    /// Replaces the subject.
    ///
    /// @param whose the name of the API key
    /// @return changed filter
    public AuditFilter of(Optional<String> whose) {
        return new AuditFilter(since, until, whose, model, status, after, limit);
    }

    /// Replaces the model and the status.
    ///
    /// @param name the name of the model
    /// @param code the HTTP status code; empty for any status
    /// @return changed filter
    public AuditFilter answered(Optional<String> name, Optional<Integer> code) {
        return new AuditFilter(since, until, subject, name, code, after, limit);
    }

    /// Replaces the page.
    ///
    /// @param last the id of the last record of the previous page
    /// @param most the largest number of records
    /// @return changed filter
    public AuditFilter page(Optional<String> last, int most) {
        return new AuditFilter(since, until, subject, model, status, last, most);
    }
}
