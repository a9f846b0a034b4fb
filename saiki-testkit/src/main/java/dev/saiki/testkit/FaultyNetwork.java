package dev.saiki.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A faulty proxy in front of a local HTTP server: it closes some connections at the start or midway, slows
/// some down, and answers some with 503.
///
/// The proxy accepts one request per connection, so that faults are independent.
public final class FaultyNetwork implements AutoCloseable {

    private static final byte[] BUSY =
            ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
                            + "Content-Length: 46\r\n\r\n<Error><Code>SlowDown</Code><Message/></Error>")
                    .getBytes(StandardCharsets.US_ASCII);

    private static final int LONGEST_CUT = 6_000;

    private final ServerSocket socket;
    private final int target;
    private final double faults;
    private final Duration delay;
    private final Random random;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numFaults = new AtomicInteger();

    private FaultyNetwork(ServerSocket socket, int target, double faults, Duration delay, long seed) {
        this.socket = socket;
        this.target = target;
        this.faults = faults;
        this.delay = delay;
        this.random = new Random(seed);
    }

    /// Starts a proxy.
    ///
    /// @param target port of the server
    /// @param faults the share of connections with a fault
    /// @param delay the delay of slow connections
    /// @param seed the seed of the faults
    /// @return the network
    /// @throws IOException if no port is free
    public static FaultyNetwork before(int target, double faults, Duration delay, long seed) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        FaultyNetwork network = new FaultyNetwork(socket, target, faults, delay, seed);
        network.threads.execute(network::accept);
        return network;
    }

    /// Returns the address for clients.
    ///
    /// @return a URL
    public String endpoint() {
        return "http://127.0.0.1:" + socket.getLocalPort();
    }

    /// The number of connections that have had a fault so far.
    ///
    /// @return the number of connections
    public int numFaults() {
        return numFaults.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                open.add(client);
                double chance = random.nextDouble();
                int kind = random.nextInt(5);
                int cut = random.nextInt(LONGEST_CUT);
                threads.execute(() -> serve(client, chance < faults ? kind : -1, cut));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client, int kind, int cut) {
        if (kind >= 0) {
            numFaults.incrementAndGet();
        }
        try (client) {
            switch (kind) {
                case 0 -> Thread.sleep(1);
                case 1 -> {
                    client.setSoTimeout(100);
                    client.getInputStream().readNBytes(1);
                    client.getOutputStream().write(BUSY);
                }
                case 2 -> {
                    Thread.sleep(delay);
                    connect(client, Integer.MAX_VALUE, Integer.MAX_VALUE);
                }
                case 3 -> connect(client, cut, Integer.MAX_VALUE);
                case 4 -> connect(client, Integer.MAX_VALUE, cut);
                default -> connect(client, Integer.MAX_VALUE, Integer.MAX_VALUE);
            }
        } catch (IOException broken) {
            // The connection broke, as on a real network.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private void connect(Socket client, int mostUp, int mostDown) throws IOException, InterruptedException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            open.add(server);
            Thread up = Thread.ofVirtual().start(() -> {
                try {
                    copyHead(client, server);
                    copy(client, server, mostUp);
                } catch (IOException broken) {
                    // The connection broke, as on a real network.
                }
            });
            copy(server, client, mostDown);
            client.close();
            up.join();
            open.remove(server);
        }
    }

    /// Copies the head of a request, and makes the server close the connection after its answer.
    private static void copyHead(Socket from, Socket to) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream input = from.getInputStream();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = input.read();
            if (next < 0) {
                return;
            }
            head.append((char) next);
        }
        String closing = head.toString()
                .replaceAll("(?i)\r\nconnection: [^\r]*", "")
                .replaceFirst("\r\n", "\r\nConnection: close\r\n");
        to.getOutputStream().write(closing.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void copy(Socket from, Socket to, int most) {
        byte[] buffer = new byte[1 << 14];
        try {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            int left = most;
            while (left > 0) {
                int read = input.read(buffer, 0, Math.min(buffer.length, left));
                if (read < 0) {
                    break;
                }
                output.write(buffer, 0, read);
                left -= read;
            }
            to.shutdownOutput();
            if (left == 0) {
                from.close();
                to.close();
            }
        } catch (IOException broken) {
            // The connection broke, as on a real network.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : open) {
            connection.close();
        }
        threads.shutdownNow();
    }
}
