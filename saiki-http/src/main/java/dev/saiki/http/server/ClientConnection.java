package dev.saiki.http.server;

import dev.saiki.http.Exchange;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's connection, which detects a disconnect while an answer is being produced.
///
/// A socket reports a disconnect only to its readers. Therefore a thread reads ahead while an answer is produced:
/// bytes that arrive belong to the next request and are kept for it, and an end of stream means a disconnect. A
/// client that closes only its sending direction looks disconnected, and is treated as such. A client that has
/// already sent its next request is not watched: its disconnect is detected when writing.
///
/// Helidon's own monitor of idle sockets is not used: it polls, which delays the next request by a tenth of a
/// second. Helidon's read timeout does not apply to a server's sockets. All methods except {@link #closeIfSlow}
/// are called by the thread that serves the connection.
final class ClientConnection implements ServerConnection {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final ScopedValue<ClientConnection> CURRENT = ScopedValue.newInstance();

    /// The value of a time that is not set.
    private static final long NEVER = 0;

    /// The maximum size of a single write in bytes, small enough to observe the progress of a slow client.
    private static final int PIECE = 1 << 14;

    private final ConnectionContext context;
    private final SocketChannel channel;
    private final FirstRequest first;
    private final ServerConnection http;
    private final ClientConnections all;
    private final AtomicReference<@Nullable Runnable> whenGone = new AtomicReference<>();
    private final AtomicLong waitingSince = new AtomicLong(NEVER);
    private final AtomicLong requestSince = new AtomicLong(NEVER);
    private final AtomicLong headSince = new AtomicLong(NEVER);
    private final AtomicLong writingSince = new AtomicLong(NEVER);
    private final AtomicBoolean closing = new AtomicBoolean();
    private @Nullable CompletableFuture<Optional<byte[]>> ahead;
    private boolean hadLastRequest;
    private boolean isAnswering;

    ClientConnection(
            ConnectionContext context, SocketChannel channel, Http1ConnectionSelector http, ClientConnections all) {
        this.context = context;
        this.channel = channel;
        this.all = all;
        this.first = new FirstRequest(this::next);
        this.http = http.connection(new Watched());
    }

    /// The connection whose request this thread is handling.
    static ClientConnection current() {
        return CURRENT.get();
    }

    private static long now() {
        long now = System.nanoTime();
        return now == NEVER ? 1 : now;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        all.opened(this);
        try {
            ScopedValue.where(CURRENT, this).call(() -> {
                http.handle(limit);
                return this;
            });
        } finally {
            if (context.isSecure()) {
                endSecured();
            }
            all.closed(this);
        }
    }

    /// Closes a TLS connection and its socket: Helidon closes only the TLS layer. Closing the TLS layer writes a
    /// message, to which the time limit of writes applies.
    private void endSecured() {
        requestSince.set(NEVER);
        writingSince.set(now());
        try {
            closeGracefully();
        } finally {
            closeSocket(channel);
            writingSince.set(NEVER);
        }
    }

    private void closeGracefully() {
        try {
            context.serverSocket().close();
        } catch (UncheckedIOException e) {
            LOG.debug("the client disconnected before its connection was closed", e);
        }
    }

    /// Closes a socket immediately, so that pending reads and writes fail.
    static void closeSocket(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }

    /// Returns zero while an answer is produced: the client then counts as active, however long the
    /// answer takes.
    @Override
    public Duration idleTime() {
        return whenGone.get() == null ? http.idleTime() : Duration.ZERO;
    }

    /// Ignores Helidon's first close at shutdown, the close without `interrupt`: it would close idle
    /// connections, and a connection counts as idle even if its request has arrived but has not been read
    /// yet. A client that has just connected thus has time to send its request; clients that connected earlier
    /// have had that time already.
    @Override
    public void close(boolean interrupt) {
        if (interrupt || !all.isEnding()) {
            http.close(interrupt);
        }
    }

    /// Marks the request as the client's last request on this connection: Helidon's next read then returns
    /// the end of the stream. Otherwise Helidon 4.5.0 would wait for another request, although the response
    /// announces that the connection is closed.
    void endAfterLastRequest() {
        hadLastRequest = true;
    }

    /// Marks the start of a request's handler, when the headers are complete, or the handler's end. Bytes
    /// that Helidon reads between the two belong to the body.
    ///
    /// @param begins true at the start of the handler, false at its end
    void answering(boolean begins) {
        isAnswering = begins;
        headSince.set(NEVER);
    }

    /// Whether the client uses HTTP/1.0, which has no chunked encoding.
    boolean isOfHttp10() {
        return first.isOfHttp10();
    }

    /// Runs an action when the client disconnects, until the watch is closed.
    ///
    /// @param gone the action; called on another thread, at most once
    Exchange.Watch watch(Runnable gone) {
        requestSince.set(NEVER);
        whenGone.set(gone);
        if (ahead == null) {
            CompletableFuture<Optional<byte[]>> next = new CompletableFuture<>();
            ahead = next;
            Thread.ofVirtual().name("saiki-client-watch").start(() -> readAhead(next));
        } else if (ahead.isCompletedExceptionally()
                || (ahead.isDone() && ahead.join().isEmpty())) {
            notifyGone();
        }
        return () -> whenGone.set(null);
    }

    private void readAhead(CompletableFuture<Optional<byte[]>> next) {
        try {
            Optional<byte[]> bytes = readSocket();
            next.complete(bytes);
            if (bytes.isEmpty()) {
                notifyGone();
            }
        } catch (RuntimeException broken) {
            next.completeExceptionally(broken);
            notifyGone();
        }
    }

    private void notifyGone() {
        Runnable gone = whenGone.getAndSet(null);
        if (gone != null) {
            gone.run();
        }
    }

    /// The next bytes from the client; empty at the end of the stream.
    private Optional<byte[]> readSocket() {
        DataReader reader = context.dataReader();
        try {
            reader.ensureAvailable();
            return Optional.of(reader.readBytes(reader.available()));
        } catch (DataReader.InsufficientDataAvailableException end) {
            return Optional.empty();
        }
    }

    private byte @Nullable [] next() {
        if (hadLastRequest) {
            return null;
        }
        CompletableFuture<Optional<byte[]>> started = ahead;
        waitingSince.set(now());
        try {
            Optional<byte[]> bytes = started == null ? readSocket() : await(started);
            if (requestSince.compareAndSet(NEVER, now()) && !isAnswering) {
                headSince.set(now());
            }
            // Helidon treats every other exception, and an end of the stream within a request, as an error of the
            // server.
            return bytes.orElseThrow(() -> new CloseConnectionException("the client is gone"));
        } catch (UncheckedIOException reset) {
            throw new CloseConnectionException("the connection is closed", reset);
        } finally {
            waitingSince.set(NEVER);
        }
    }

    private Optional<byte[]> await(CompletableFuture<Optional<byte[]>> started) {
        try {
            Optional<byte[]> bytes = started.get();
            ahead = null;
            return bytes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server is shutting down", e);
        } catch (ExecutionException e) {
            throw new CloseConnectionException("the connection is closed", e.getCause());
        }
    }

    /// Closes the connection if its client sends nothing, reads nothing, or does not complete its request in time.
    /// The regular close runs on a separate thread, because with TLS it is a write, which may stall too. If a
    /// write already stalls, so that the close would wait behind it, or if the connection is still open at the
    /// next check, the socket itself is closed.
    void closeIfSlow(long now, ConnectionLimits limits) {
        boolean stalled = isOver(writingSince, now, limits.silence());
        boolean silent = isOver(waitingSince, now, limits.silence())
                || isOver(headSince, now, limits.head())
                || isOver(requestSince, now, limits.request());
        if (stalled || (silent && closing.getAndSet(true))) {
            closeSocket(channel);
        } else if (silent) {
            Thread.ofVirtual().name("saiki-client-close").start(this::closeGracefully);
        }
    }

    private static boolean isOver(AtomicLong since, long now, Duration most) {
        long begin = since.get();
        return begin != NEVER && now - begin > most.toNanos();
    }

    /// The connection as seen by Helidon, with its reads and writes observed.
    private final class Watched implements ConnectionContext {

        private final DataReader reader = DataReader.create(first);
        private final DataWriter writer = new TimedWriter(context.dataWriter());

        @Override
        public DataReader dataReader() {
            return reader;
        }

        @Override
        public DataWriter dataWriter() {
            return writer;
        }

        @Override
        public ListenerContext listenerContext() {
            return context.listenerContext();
        }

        @Override
        public ExecutorService executor() {
            return context.executor();
        }

        @Override
        public Router router() {
            return context.router();
        }

        @Override
        public Optional<ProxyProtocolData> proxyProtocolData() {
            return context.proxyProtocolData();
        }

        @Override
        public HelidonSocket serverSocket() {
            return context.serverSocket();
        }

        @Override
        public PeerInfo remotePeer() {
            return context.remotePeer();
        }

        @Override
        public PeerInfo localPeer() {
            return context.localPeer();
        }

        @Override
        public boolean isSecure() {
            return context.isSecure();
        }

        @Override
        public String socketId() {
            return context.socketId();
        }

        @Override
        public String childSocketId() {
            return context.childSocketId();
        }
    }

    /// A writer that records when the current write began, and splits large writes, because progress within a
    /// single write cannot be observed.
    private final class TimedWriter implements DataWriter {

        private final DataWriter writer;

        TimedWriter(DataWriter writer) {
            this.writer = writer;
        }

        private void inPieces(BufferData buffer, Consumer<BufferData> write) {
            while (buffer.available() > PIECE) {
                byte[] piece = new byte[PIECE];
                int count = buffer.read(piece);
                timed(() -> write.accept(BufferData.create(piece, 0, count)));
            }
            timed(() -> write.accept(buffer));
        }

        private void timed(Runnable write) {
            requestSince.set(NEVER);
            headSince.set(NEVER);
            writingSince.set(now());
            try {
                write.run();
            } finally {
                writingSince.set(NEVER);
            }
        }

        @Override
        public void write(BufferData... buffers) {
            write(BufferData.create(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            inPieces(buffer, writer::write);
        }

        @Override
        public void writeNow(BufferData... buffers) {
            writeNow(BufferData.create(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            inPieces(buffer, writer::writeNow);
        }

        @Override
        public void flush() {
            timed(writer::flush);
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
