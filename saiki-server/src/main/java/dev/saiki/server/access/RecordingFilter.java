package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.tracing.OtlpTraces;
import java.util.Optional;

/// The filter that stores the audit record of a request and reports its trace, whether the request succeeds or
/// fails.
///
/// @param audit the trail in which records are stored
/// @param traces the sender of traces; empty for no tracing
public record RecordingFilter(Optional<AuditTrail> audit, Optional<OtlpTraces> traces) implements Filter {

    private static final String GONE = "client_gone";

    /// The recorded status of a request whose client disconnected before the response.
    private static final int STATUS_GONE = 499;

    private static final int OK = 200;

    @Override
    public void filter(Request request, Endpoint next) {
        audit.ifPresent(AuditTrail::requireRoom);
        AuditEntry entry = request.entry();
        // Stores the record before the last byte of an answer is sent.
        request.exchange().beforeSending(sent -> {
            if (entry.isDone()) {
                entry.keep(sent);
            }
        });
        int status = OK;
        try {
            next.answer(request);
            entry.keep(status);
        } catch (ClientGoneException gone) {
            status = STATUS_GONE;
            entry.failed(GONE);
            entry.keep(status);
            throw gone;
        } catch (RuntimeException | Error failure) {
            // Errors are caught too: an out-of-memory error may affect only this request, which must leave its
            // record.
            ApiException refusal = RequestFailures.refusal(failure);
            status = refusal.status();
            entry.failed(refusal.code().orElse(refusal.type()));
            entry.keep(status);
            throw refusal;
        } finally {
            if (traces.isPresent()) {
                traces.get().report(request.exchange(), entry, status);
            }
        }
    }
}
