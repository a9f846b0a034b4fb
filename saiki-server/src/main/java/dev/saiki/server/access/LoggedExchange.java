package dev.saiki.server.access;

import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// An exchange that writes a line to the access log when it ends. The log is on where the logger {@value #NAME} has
/// level INFO.
final class LoggedExchange extends ForwardedExchange {

    /// The name under which whose key it is stands with every line of the log.
    static final String CALLER = "caller";

    private static final String NAME = "saiki.access";
    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    /// What logs have for a client that went away, since nothing was answered.
    private static final int STATUS_GONE = 499;

    private static final double NANOS_A_MILLISECOND = 1e6;

    /// A path may have any character; a line is one, and a quote ends the path in it.
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

    /// Begins to look at a request.
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
