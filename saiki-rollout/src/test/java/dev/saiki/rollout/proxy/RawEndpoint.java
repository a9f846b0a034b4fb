package dev.saiki.rollout.proxy;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/// An endpoint that sends the bytes of a test, whether they are HTTP or not.
final class RawEndpoint implements AutoCloseable {

    private final ServerSocket server;
    private final String scheme;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile List<String> head = List.of();

    /// The answer to a request.
    interface Script {
        /// Sends the answer.
        ///
        /// @param number the number of the request, from 1
        /// @return whether the connection stays open
        boolean answer(int number, OutputStream output) throws IOException, InterruptedException;
    }

    private RawEndpoint(ServerSocket server, String scheme, Script script) {
        this.server = server;
        this.scheme = scheme;
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    connections.incrementAndGet();
                    Thread.ofVirtual().start(() -> serve(socket, script));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    static RawEndpoint start(Script script) {
        return start(ServerSocketFactory.getDefault(), "http", script);
    }

    static RawEndpoint start(ServerSocketFactory sockets, String scheme, Script script) {
        try {
            return new RawEndpoint(sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress()), scheme, script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An endpoint that sends a text, byte by byte.
    static RawEndpoint saying(String answer, boolean staysOpen) {
        return start((_, output) -> {
            for (byte one : answer.getBytes(StandardCharsets.ISO_8859_1)) {
                output.write(one);
            }
            return staysOpen;
        });
    }

    private void serve(Socket socket, Script script) {
        try (socket) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            socket.setTcpNoDelay(true);
            while (true) {
                List<String> received = new ArrayList<>();
                for (String line = lines.readLine(); !"".equals(line); line = lines.readLine()) {
                    if (line == null) {
                        return;
                    }
                    received.add(line);
                }
                head = received;
                if (!script.answer(requests.incrementAndGet(), socket.getOutputStream())) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client has disconnected.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    URI url() {
        return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + "/v1");
    }

    int connections() {
        return connections.get();
    }

    int requests() {
        return requests.get();
    }

    /// The lines of the last request's head.
    List<String> head() {
        return head;
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The whole body of an answer.
    static String text(UpstreamAnswer answer) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[100];
        for (int count = answer.read(piece); count >= 0; count = answer.read(piece)) {
            all.write(piece, 0, count);
        }
        return all.toString(StandardCharsets.UTF_8);
    }
}
