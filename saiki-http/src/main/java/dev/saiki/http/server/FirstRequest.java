package dev.saiki.http.server;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A source of a connection's bytes that rewrites the first request from HTTP/1.0 to HTTP/1.1. The proxy nginx
/// sends HTTP/1.0 by default, and `ab` always, but Helidon 4.5.0 refuses HTTP/1.0.
///
/// HTTP/1.0 does not require `Host`, and closes a connection after the response; in HTTP/1.1 the header
/// `Connection: close` requests this. A request whose headers exceed the limit is left unchanged. Only the
/// thread that reads the connection calls {@link #get}.
final class FirstRequest implements Supplier<byte @Nullable []> {

    private static final String OLD = " HTTP/1.0\r\n";
    private static final String NEW = " HTTP/1.1\r\n";
    private static final String HEAD_END = "\r\n\r\n";
    private static final int LINE_END = 2;

    /// The maximum length of the request headers that are rewritten, in bytes; it exceeds Helidon's own limit.
    private static final int MAX_HEAD = 1 << 15;

    private final Supplier<byte @Nullable []> reader;
    private boolean isBehind;
    private volatile boolean isOfHttp10;

    /// Creates the source of a connection's bytes.
    ///
    /// @param reader returns the next bytes from the client; null at the end
    FirstRequest(Supplier<byte @Nullable []> reader) {
        this.reader = reader;
    }

    /// Whether the first request uses HTTP/1.0, so that the connection has no further request.
    boolean isOfHttp10() {
        return isOfHttp10;
    }

    @Override
    public byte @Nullable [] get() {
        return isBehind ? reader.get() : first();
    }

    private byte @Nullable [] first() {
        isBehind = true;
        StringBuilder begun = new StringBuilder();
        int line = readUntil("\n", begun);
        if (!begun.substring(0, line + 1).endsWith(OLD)) {
            return begun.isEmpty() ? null : bytes(begun.toString());
        }
        int end = readUntil(HEAD_END, begun);
        if (end < 0) {
            return bytes(begun.toString());
        }
        isOfHttp10 = true;
        return bytes(renewed(begun.substring(0, end + LINE_END)) + begun.substring(end + LINE_END));
    }

    /// Reads until a string is found, or the limit is reached. Each character stands for one byte.
    ///
    /// @return the position of the string; negative if the string was not found
    private int readUntil(String wanted, StringBuilder begun) {
        int found = begun.indexOf(wanted);
        while (found < 0 && begun.length() < MAX_HEAD) {
            byte[] more = reader.get();
            if (more == null) {
                return found;
            }
            int searched = Math.max(0, begun.length() - wanted.length());
            begun.append(new String(more, StandardCharsets.ISO_8859_1));
            found = begun.indexOf(wanted, searched);
        }
        return found;
    }

    private static String renewed(String head) {
        int firstEnd = head.indexOf('\n') + 1;
        StringBuilder renewed = new StringBuilder(head.substring(0, firstEnd).replace(OLD, NEW));
        boolean hasHost = false;
        for (String field : head.substring(firstEnd).split("(?<=\r\n)", -1)) {
            String name = field.substring(0, Math.max(0, field.indexOf(':'))).toLowerCase(Locale.ROOT);
            hasHost |= name.equals("host");
            if (!name.equals("connection") && !name.equals("keep-alive")) {
                renewed.append(field);
            }
        }
        return renewed + (hasHost ? "" : "Host: localhost\r\n") + "Connection: close\r\n";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
