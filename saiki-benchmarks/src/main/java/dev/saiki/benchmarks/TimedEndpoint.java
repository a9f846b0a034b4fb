package dev.saiki.benchmarks;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A completions endpoint that sends pieces on a timer, each with its send time. The prompt sets the time to the
/// first piece and the time between pieces, both in milliseconds, and the number of pieces. The endpoint
/// implements only the HTTP that it needs, so that it adds little to the measurement.
public final class TimedEndpoint {

    private static final Pattern PROMPT = Pattern.compile("\"prompt\":\"(\\d+) (\\d+) (\\d+)\"");
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");
    private static final byte[] HEAD = bytes(String.join(
            "\r\n", "HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked", "", ""));
    private static final byte[] LAST = bytes("0\r\n\r\n");
    private static final int BACKLOG = 2048;

    private TimedEndpoint() {}

    /// Answers requests on one port, and leaves those on the other port without an answer, until the process
    /// ends.
    ///
    /// @param arguments the port with answers, then the port without answers
    /// @throws IOException if a port is in use
    public static void main(String[] arguments) throws IOException {
        ServerSocket hanging = listen(arguments[1]);
        Thread.ofVirtual().start(() -> accept(hanging, TimedEndpoint::hang));
        accept(listen(arguments[0]), TimedEndpoint::answer);
    }

    private static ServerSocket listen(String port) throws IOException {
        return new ServerSocket(Integer.parseInt(port), BACKLOG, InetAddress.getLoopbackAddress());
    }

    /// A handler of connections.
    private interface Service {
        void serve(Socket socket) throws IOException;
    }

    private static void accept(ServerSocket server, Service service) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        service.serve(socket);
                    } catch (IOException e) {
                        // The client disconnected.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void hang(Socket socket) throws IOException {
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    private static void answer(Socket socket) throws IOException {
        InputStream input = new BufferedInputStream(socket.getInputStream());
        OutputStream output = socket.getOutputStream();
        while (true) {
            String body = request(input);
            long came = System.nanoTime();
            Matcher prompt = PROMPT.matcher(body);
            if (!prompt.find()) {
                throw new IOException("the prompt must contain the times, got " + body);
            }
            output.write(HEAD);
            long next = came + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(prompt.group(1)));
            int pieces = Integer.parseInt(prompt.group(3));
            for (int piece = 0; piece < pieces; piece++) {
                await(next);
                write(output, event(came, System.nanoTime()));
                next += TimeUnit.MILLISECONDS.toNanos(Long.parseLong(prompt.group(2)));
            }
            write(output, "data: [DONE]\n\n");
            output.write(LAST);
        }
    }

    private static void await(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /// A piece, with the times on this machine's clock when its request arrived and when it was sent.
    private static String event(long came, long left) {
        return String.format(
                Locale.ROOT,
                "data: {\"id\":\"cmpl-%d\",\"object\":\"text_completion\",\"model\":\"timed\",\"choices\":[{\"index\":0,"
                        + "\"text\":\"%d %d\",\"finish_reason\":null}]}\n\n",
                came,
                came,
                left);
    }

    private static void write(OutputStream output, String event) throws IOException {
        output.write(bytes(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// The body of the next request.
    private static String request(InputStream input) throws IOException {
        int length = 0;
        for (String line = line(input); !line.isEmpty(); line = line(input)) {
            Matcher found = LENGTH.matcher(line);
            if (found.matches()) {
                length = Integer.parseInt(found.group(1));
            }
        }
        return new String(input.readNBytes(length), StandardCharsets.UTF_8);
    }

    /// The next line, without the characters that end it.
    ///
    /// @throws EOFException at the end of the input
    static String line(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = input.read(); read != '\n'; read = input.read()) {
            if (read < 0) {
                throw new EOFException();
            }
            if (read != '\r') {
                line.append((char) read);
            }
        }
        return line.toString();
    }
}
