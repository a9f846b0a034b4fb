package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// The access log. Each request is logged on one line if the logger {@value #NAME} has level INFO.
final class AccessLog {

    /// The logging context's key for the name of the caller.
    static final String CALLER = "caller";

    private static final String NAME = "saiki.access";
    private static final Logger LOG = LoggerFactory.getLogger(NAME);

    /// The logged status of a request whose client disconnected before the response.
    private static final int STATUS_GONE = 499;

    private static final double NANOS_A_MILLISECOND = 1e6;

    /// The characters that are replaced in a logged path, so that the path stays on one line and between its
    /// quotes.
    private static final Pattern CONTROLS =
            Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\"\\\\]", Pattern.UNICODE_CHARACTER_CLASS);

    private AccessLog() {}

    /// Writes the line of a request that has ended.
    ///
    /// @param since the time at which the request began, in nanoseconds
    static void write(Exchange exchange, long since) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        int status = exchange.sentStatus().orElse(STATUS_GONE);
        long bytes = exchange.sentBytes();
        String caller = MDC.get(CALLER);
        String path = CONTROLS.matcher(exchange.path()).replaceAll("?");
        double millis = Math.round((System.nanoTime() - since) / NANOS_A_MILLISECOND * 10) / 10.0;
        LOG.atInfo()
                .addKeyValue("client", exchange.client())
                .addKeyValue("method", exchange.method())
                .addKeyValue("path", path)
                .addKeyValue("status", status)
                .addKeyValue("bytes", bytes)
                .addKeyValue("milliseconds", millis)
                .log(
                        "{} {} \"{} {}\" {} {} bytes {} ms",
                        exchange.client(),
                        caller == null ? "-" : caller,
                        exchange.method(),
                        path,
                        status,
                        bytes,
                        millis);
    }
}
