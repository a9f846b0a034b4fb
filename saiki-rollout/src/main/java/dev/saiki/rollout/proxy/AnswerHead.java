package dev.saiki.rollout.proxy;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The head of an HTTP/1 answer: its status and headers.
///
/// @param isNewest whether the version is HTTP/1.1, in which connections stay open by default
/// @param status the HTTP status
/// @param headers values by name, where the case of names is ignored
record AnswerHead(boolean isNewest, int status, Map<String, List<String>> headers) {

    /// The largest size of a head, in bytes.
    private static final int MAX_BYTES = 1 << 18;

    private static final Pattern FIRST_LINE = Pattern.compile("HTTP/1\\.([01]) ([1-9][0-9]{2})(?: .*)?");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int FIRST_FINAL = 200;
    private static final int SWITCHING = 101;

    /// The way in which a head determines the end of its body.
    sealed interface Framing {
        /// A body of a known number of bytes.
        record Length(long bytes) implements Framing {}

        /// A body in chunks, of which the last is empty.
        record Chunks() implements Framing {}

        /// A body that ends when the connection closes.
        record UntilEnd() implements Framing {}
    }

    /// Reads the head of the final answer, skipping interim (1xx) answers.
    ///
    /// @throws ProtocolException if the answer is not HTTP
    /// @throws IOException if the connection closes too early, or the head is malformed
    static AnswerHead read(ConnectionInput input) throws IOException {
        AnswerHead head = readOne(input);
        while (head.status < FIRST_FINAL) {
            if (head.status == SWITCHING) {
                throw new ProtocolException("status " + SWITCHING);
            }
            head = readOne(input);
        }
        return head;
    }

    private static AnswerHead readOne(ConnectionInput input) throws IOException {
        String line = input.line(MAX_BYTES);
        Matcher first = FIRST_LINE.matcher(line);
        if (!first.matches()) {
            throw new ProtocolException("an answer begins with a line that is not HTTP");
        }
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        int left = MAX_BYTES;
        for (String header = input.line(left); !header.isEmpty(); header = input.line(left)) {
            left -= header.length();
            int colon = header.indexOf(':');
            if (colon <= 0 || Character.isWhitespace(header.charAt(0))) {
                throw new ProtocolException("an answer has a malformed header");
            }
            headers.computeIfAbsent(header.substring(0, colon), _ -> new ArrayList<>())
                    .add(header.substring(colon + 1).strip());
        }
        return new AnswerHead(first.group(1).equals("1"), Integer.parseInt(first.group(2)), headers);
    }

    /// Returns the first value of a header.
    Optional<String> first(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    private boolean names(String header, String option) {
        for (String value : headers.getOrDefault(header, List.of())) {
            for (String one : value.split(",", -1)) {
                if (one.strip().equalsIgnoreCase(option)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Whether the connection can be reused once the body has been read.
    boolean staysOpen() {
        return isNewest ? !names("Connection", "close") : names("Connection", "keep-alive");
    }

    /// Determines the framing of the body.
    ///
    /// @param method the method of the request
    /// @throws ProtocolException if the headers contradict each other
    Framing framing(String method) throws ProtocolException {
        if (method.equals("HEAD") || status == NO_CONTENT || status == NOT_MODIFIED) {
            return new Framing.Length(0);
        }
        List<String> codings = headers.getOrDefault("Transfer-Encoding", List.of());
        if (!codings.isEmpty()) {
            return codings.getLast().toLowerCase(Locale.ROOT).endsWith("chunked")
                    ? new Framing.Chunks()
                    : new Framing.UntilEnd();
        }
        List<String> lengths = headers.getOrDefault("Content-Length", List.of()).stream()
                .distinct()
                .toList();
        if (lengths.isEmpty()) {
            return new Framing.UntilEnd();
        }
        if (lengths.size() > 1 || !DIGITS.matcher(lengths.getFirst()).matches()) {
            throw new ProtocolException("an answer has contradictory lengths");
        }
        return new Framing.Length(Long.parseLong(lengths.getFirst()));
    }
}
