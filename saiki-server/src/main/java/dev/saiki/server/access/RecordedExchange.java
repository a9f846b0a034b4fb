package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import dev.saiki.server.audit.AuditEntry;
import java.io.IOException;
import java.io.OutputStream;

/// An exchange that stores the audit record before the answer ends. It wraps all recorded endpoints, so that none can
/// send its last byte without a record.
final class RecordedExchange extends ForwardedExchange {

    private static final int OK = 200;

    private final AuditEntry entry;

    RecordedExchange(Exchange exchange, AuditEntry entry) {
        super(exchange);
        this.entry = entry;
    }

    @Override
    public void send(int status, String contentType, byte[] body) {
        entry.keep(status);
        super.send(status, contentType, body);
    }

    @Override
    public OutputStream stream(int code, String contentType) throws IOException {
        return new RecordedStream(super.stream(code, contentType));
    }

    /// A stream that stores the record before the first byte written once all answers are complete: the end of the
    /// stream is still to come then.
    private final class RecordedStream extends OutputStream {

        private final OutputStream output;

        RecordedStream(OutputStream output) {
            this.output = output;
        }

        private void keepIfDone() {
            if (entry.isDone()) {
                entry.keep(OK);
            }
        }

        @Override
        public void write(int b) throws IOException {
            keepIfDone();
            output.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            keepIfDone();
            output.write(bytes, from, count);
        }

        @Override
        public void flush() throws IOException {
            output.flush();
        }

        @Override
        public void close() throws IOException {
            keepIfDone();
            output.close();
        }
    }
}
