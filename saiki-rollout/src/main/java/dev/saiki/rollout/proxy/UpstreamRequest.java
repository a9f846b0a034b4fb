package dev.saiki.rollout.proxy;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A request to a side in HTTP/1.1.
final class UpstreamRequest {

    private static final String MARKS = "!#$%&'*+-.^_`|~";

    private static final char DELETE = '\u007f';

    private static final Set<String> OWN = Set.of("host", "content-length", "transfer-encoding", "connection");

    private static final Set<String> WITHOUT_BODY = Set.of("GET", "HEAD", "DELETE", "OPTIONS", "TRACE");

    /// A header.
    ///
    /// @param name case-insensitive
    /// @param value the value, on one line
    record Header(String name, String value) {

        /// Rejects a name or value that could inject another header.
        ///
        /// @throws IllegalArgumentException if the name is invalid, or the value has more than one line
        Header {
            if (!isToken(name) || OWN.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("not a header name: " + name);
            }
            for (int at = 0; at < value.length(); at++) {
                char one = value.charAt(at);
                if ((one < ' ' && one != '\t') || one == DELETE) {
                    throw new IllegalArgumentException("header " + name + " has a value of more than one line");
                }
            }
        }
    }

    private final String method;
    private final URI address;
    private final List<Header> headers;
    private final byte[] body;

    /// Creates a request.
    ///
    /// @param method the method in upper case
    /// @param address the address, including the path and the query
    /// @param headers the headers, except those for the host and the length
    /// @param body may be empty
    /// @throws IllegalArgumentException if the method is invalid
    UpstreamRequest(String method, URI address, List<Header> headers, byte[] body) {
        if (!isToken(method)) {
            throw new IllegalArgumentException("no method: " + method);
        }
        this.method = method;
        this.address = address;
        this.headers = List.copyOf(headers);
        this.body = body;
    }

    String method() {
        return method;
    }

    URI address() {
        return address;
    }

    private static boolean isToken(String text) {
        for (int at = 0; at < text.length(); at++) {
            char one = text.charAt(at);
            boolean isLetter = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9');
            if (!isLetter && MARKS.indexOf(one) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /// Serializes the whole request, so that one write can send it.
    byte[] bytes() {
        StringBuilder head = new StringBuilder(256);
        head.append(method).append(' ');
        String path = address.getRawPath();
        head.append(path == null || path.isEmpty() ? "/" : path);
        if (address.getRawQuery() != null) {
            head.append('?').append(address.getRawQuery());
        }
        head.append(" HTTP/1.1\r\nHost: ").append(address.getHost());
        if (address.getPort() >= 0) {
            head.append(':').append(address.getPort());
        }
        if (body.length > 0 || !WITHOUT_BODY.contains(method)) {
            head.append("\r\nContent-Length: ").append(body.length);
        }
        for (Header header : headers) {
            head.append("\r\n").append(header.name()).append(": ").append(header.value());
        }
        head.append("\r\n\r\n");
        ByteArrayOutputStream all = new ByteArrayOutputStream(head.length() + body.length);
        all.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(body);
        return all.toByteArray();
    }
}
