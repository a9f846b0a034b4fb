package dev.saiki.server.access;

import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.http.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// An exchange whose answer does not end before its record is kept.
final class RecordedExchange implements Exchange {

    private static final int OK = 200;

    private final Exchange exchange;
    private final AuditEntry entry;

    RecordedExchange(Exchange exchange, AuditEntry entry) {
        this.exchange = exchange;
        this.entry = entry;
    }

    @Override
    public String method() {
        return exchange.method();
    }

    @Override
    public String path() {
        return exchange.path();
    }

    @Override
    public Optional<String> header(String name) {
        return exchange.header(name);
    }

    @Override
    public Optional<String> query(String name) {
        return exchange.query(name);
    }

    @Override
    public InputStream body() {
        return exchange.body();
    }

    @Override
    public Watch watch(Runnable gone) {
        return exchange.watch(gone);
    }

    @Override
    public void setHeader(String name, String value) {
        exchange.setHeader(name, value);
    }

    @Override
    public void send(int status, String contentType, byte[] body) {
        entry.keep(status);
        exchange.send(status, contentType, body);
    }

    @Override
    public OutputStream stream(String contentType) throws IOException {
        return new RecordedStream(exchange.stream(contentType));
    }

    /// A stream that keeps the record before the first byte that is written when all answers have ended: the
    /// stream's end is behind it.
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
