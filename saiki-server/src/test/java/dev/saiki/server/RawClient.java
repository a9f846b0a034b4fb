package dev.saiki.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// A client that is only a socket, so that it can do what well-behaved clients do not.
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 120_000;

    private final Socket socket;
    private final InputStream input;

    RawClient(int port) {
        this(port, 0);
    }

    /// A client with a receive buffer of this many bytes for unread answers; 0 for the default.
    RawClient(int port, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            input = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A request with a body, as bytes.
    ///
    /// @param headers further headers, each as a complete line
    static byte[] request(String path, String body, String... headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String more = Arrays.stream(headers).map(header -> header + "\r\n").collect(Collectors.joining());
        return ("POST " + path + " HTTP/1.1\r\n" + more
                        + "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length
                        + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.UTF_8);
    }

    RawClient send(byte[] bytes) {
        return send(bytes, 0, bytes.length);
    }

    RawClient send(byte[] bytes, int from, int to) {
        try {
            socket.getOutputStream().write(bytes, from, to - from);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Reads a number of bytes, or fewer if no more arrive.
    byte[] read(int count) {
        try {
            return input.readNBytes(count);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server said nothing for too long", e);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    /// Reads an answer: its head, and its body by its length or its chunks.
    ///
    /// @return the answer; empty if the connection was closed before it began
    String answer() {
        try {
            StringBuilder head = new StringBuilder();
            do {
                head.append(line());
            } while (!head.toString().endsWith("\r\n\r\n"));
            String fields = head.toString().toLowerCase(Locale.ROOT);
            if (fields.contains("\r\ntransfer-encoding: chunked\r\n")) {
                return head + chunks();
            }
            int length = Arrays.stream(fields.split("\r\n"))
                    .filter(line -> line.startsWith("content-length:"))
                    .mapToInt(line -> Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).strip()))
                    .findFirst()
                    .orElse(0);
            return head + new String(input.readNBytes(length), StandardCharsets.UTF_8);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server said nothing for too long", e);
        } catch (IOException closed) {
            return "";
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\n") < 0) {
            int next = input.read();
            if (next < 0) {
                throw new EOFException("after " + line);
            }
            line.append((char) next);
        }
        return line.toString();
    }

    private String chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int length;
        do {
            length = Integer.parseInt(line().strip(), 16);
            body.writeBytes(input.readNBytes(length));
            line();
        } while (length > 0);
        return body.toString(StandardCharsets.UTF_8);
    }

    /// Whether an answer has unread bytes.
    boolean hasAnswer() {
        try {
            return input.available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether the server has closed the connection, or does so soon.
    boolean isClosedByServer() {
        byte[] some = new byte[8192];
        try {
            while (input.read(some) >= 0) {
                // Further bytes from the server do not matter.
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /// Closes the client's direction of the connection, and stays connected.
    void closeOneDirection() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends like a killed program: the server receives a reset.
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        leave();
    }

    /// Closes the connection, whatever happens.
    void leave() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
