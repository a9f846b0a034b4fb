package dev.saiki.rollout.proxy;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;

/// A request to a side in HTTP/1.1.
///
/// @param method the method in upper case
/// @param address the address, including the path and the query
/// @param headers the headers, except those for the host and the length
/// @param body may be empty
@SuppressWarnings("ArrayRecordComponent") // Nothing compares requests.
record UpstreamRequest(String method, URI address, List<Header> headers, byte[] body) {

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern LINE = Pattern.compile("[^\\x00-\\x08\\x0a-\\x1f\\x7f]*");

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
            if (!TOKEN.matcher(name).matches() || OWN.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("not a header name: " + name);
            }
            if (!LINE.matcher(value).matches()) {
                throw new IllegalArgumentException("header " + name + " has a value of more than one line");
            }
        }
    }

    /// Rejects an invalid method.
    ///
    /// @throws IllegalArgumentException if the method is invalid
    UpstreamRequest {
        if (!TOKEN.matcher(method).matches()) {
            throw new IllegalArgumentException("no method: " + method);
        }
        headers = List.copyOf(headers);
    }

    /// The whole message, with its host and length.
    ClassicHttpRequest message() {
        ClassicHttpRequest message = new BasicClassicHttpRequest(method, address);
        message.addHeader(HttpHeaders.HOST, address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort()));
        if (body.length > 0 || !WITHOUT_BODY.contains(method)) {
            message.addHeader(HttpHeaders.CONTENT_LENGTH, body.length);
            message.setEntity(new ByteArrayEntity(body, null));
        }
        headers.forEach(header -> message.addHeader(header.name(), header.value()));
        return message;
    }
}
