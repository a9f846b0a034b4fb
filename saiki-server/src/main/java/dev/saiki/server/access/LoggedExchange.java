package dev.saiki.server.access;

import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// An exchange that writes a line to the access log when it ends. The log is on if the logger {@value #NAME} has
/// level INFO.
final class LoggedExchange extends ForwardedExchange {

    /// The logging context's key for the name of the caller.
    static final String CALLER = "caller";

    private static final String NAME = "saiki.access";
    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    /// The logged status of a request whose client disconnected before the response.
    private static final int STATUS_GONE = 499;

    private static final double NANOS_A_MILLISECOND = 1e6;

    /// Characters replaced in a logged path, which is on one line and between quotes.
    private static final Pattern CONTROLS =
            Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\"\\\\]", Pattern.UNICODE_CHARACTER_CLASS);

    private final long since = System.nanoTime();
    private int status = STATUS_GONE;
    private long bytes;

    private LoggedExchange(Exchange exchange) {
        super(exchange);
    }

    /// Whether requests are logged.
    static boolean isOn() {
        return LOG.isInfoEnabled();
    }

    /// Starts to log a request.
    static LoggedExchange of(Exchange exchange) {
        return new LoggedExchange(exchange);
    }

    @Override
    public void send(int code, String contentType, byte[] body) {
        status = code;
        bytes = body.length;
        try {
            super.send(code, contentType, body);
        } catch (ClientGoneException gone) {
            status = STATUS_GONE;
            throw gone;
        }
    }

    @Override
    public OutputStream stream(int code, String contentType) throws IOException {
        OutputStream output = super.stream(code, contentType);
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] part, int from, int count) throws IOException {
                output.write(part, from, count);
                bytes += count;
            }

            @Override
            public void flush() throws IOException {
                output.flush();
            }

            @Override
            public void close() throws IOException {
                output.close();
                status = code;
            }
        };
    }

    /// Writes the line.
    void write() {
        String caller = MDC.get(CALLER);
        String path = CONTROLS.matcher(path()).replaceAll("?");
        double millis = Math.round((System.nanoTime() - since) / NANOS_A_MILLISECOND * 10) / 10.0;
        LOG.atInfo()
                .addKeyValue("client", client())
                .addKeyValue("method", method())
                .addKeyValue("path", path)
                .addKeyValue("status", status)
                .addKeyValue("bytes", bytes)
                .addKeyValue("milliseconds", millis)
                .log(
                        "{} {} \"{} {}\" {} {} bytes {} ms",
                        client(),
                        caller == null ? "-" : caller,
                        method(),
                        path,
                        status,
                        bytes,
                        millis);
    }
}
