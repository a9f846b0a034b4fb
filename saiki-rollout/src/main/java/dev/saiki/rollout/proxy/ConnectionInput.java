package dev.saiki.rollout.proxy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/// A buffered reader of a connection, by lines and by bytes.
final class ConnectionInput {

    private static final int SIZE = 1 << 14;

    private final InputStream input;
    private final byte[] buffer = new byte[SIZE];
    private int from;
    private int to;

    ConnectionInput(InputStream input) {
        this.input = input;
    }

    /// Fills the buffer if it is empty.
    ///
    /// @return whether bytes are available; false at the end
    private boolean fill() throws IOException {
        if (from < to) {
            return true;
        }
        from = 0;
        to = Math.max(0, input.read(buffer));
        return to > 0;
    }

    /// Whether unsolicited bytes have arrived.
    boolean hasMore() throws IOException {
        return from < to || input.available() > 0;
    }

    /// Reads a line.
    ///
    /// @param max longest line in bytes
    /// @return the line without its end
    /// @throws ProtocolException if the line is longer
    /// @throws EOFException if the connection closes before the end of the line
    String line(int max) throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (true) {
            if (!fill()) {
                throw new EOFException("the connection closed within a line");
            }
            int end = from;
            while (end < to && buffer[end] != '\n') {
                end++;
            }
            line.append(new String(buffer, from, end - from, StandardCharsets.ISO_8859_1));
            if (line.length() > max) {
                throw new ProtocolException("an answer has a line that is too long");
            }
            boolean isWhole = end < to;
            from = isWhole ? end + 1 : end;
            if (isWhole) {
                int length = line.length();
                return line.substring(0, length > 0 && line.charAt(length - 1) == '\r' ? length - 1 : length);
            }
        }
    }

    /// Reads the available bytes; blocks only if there are none.
    ///
    /// @return the number of bytes; -1 at the end of the connection
    int read(byte[] bytes, int offset, int max) throws IOException {
        if (!fill()) {
            return -1;
        }
        int count = Math.min(max, to - from);
        System.arraycopy(buffer, from, bytes, offset, count);
        from += count;
        return count;
    }
}
