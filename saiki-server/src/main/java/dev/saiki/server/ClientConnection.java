package dev.saiki.server;

import dev.saiki.server.settings.ConnectionLimits;
import dev.saiki.server.wire.Exchange;
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
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A connection to a client, which tells when the client goes away while its answer is being made.
///
/// A socket says that its peer is gone to those only who read from it. So while an answer is made, a thread
/// reads ahead: what comes is the beginning of the next request and is kept for it, and an end means that
/// nobody waits for the answer. A client that closes its own direction only, and goes on listening, cannot be
/// told from one that left, and is taken for one. A client that has sent its next request already is not
/// looked after: it is met when writing.
///
/// Helidon's own monitor of idle sockets polls, and keeps the request that follows waiting for a tenth of a
/// second; its read timeout does not reach the sockets of a server. Hence this one. It belongs to the thread
/// that serves the connection, but for {@link #closeIfSlow}.
final class ClientConnection implements ServerConnection {

    private static final ScopedValue<ClientConnection> CURRENT = ScopedValue.newInstance();

    /// Stands for "not now" where a time is kept.
    private static final long NEVER = 0;

    private final ConnectionContext context;
    private final ServerConnection http;
    private final Set<ClientConnection> open;
    private final AtomicReference<@Nullable Runnable> whenGone = new AtomicReference<>();
    private final AtomicLong waitingSince = new AtomicLong(NEVER);
    private final AtomicLong requestSince = new AtomicLong(NEVER);
    private final AtomicLong writingSince = new AtomicLong(NEVER);
    private final AtomicBoolean closing = new AtomicBoolean();
    private @Nullable CompletableFuture<Optional<byte[]>> ahead;
    private boolean hadLastRequest;

    ClientConnection(ConnectionContext context, Http1ConnectionSelector http, Set<ClientConnection> open) {
        this.context = context;
        this.open = open;
        this.http = http.connection(new Watched());
    }

    /// The connection whose request is handled by this thread.
    static ClientConnection current() {
        return CURRENT.get();
    }

    private static long now() {
        long now = System.nanoTime();
        return now == NEVER ? 1 : now;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        open.add(this);
        try {
            ScopedValue.where(CURRENT, this).call(() -> {
                http.handle(limit);
                return this;
            });
        } finally {
            open.remove(this);
        }
    }

    /// While an answer is made, the client is not idle, however long it takes.
    @Override
    public Duration idleTime() {
        return whenGone.get() == null ? http.idleTime() : Duration.ZERO;
    }

    @Override
    public void close(boolean interrupt) {
        http.close(interrupt);
    }

    /// The client wants nothing more of this connection than what it has got: what Helidon asks for next is its end.
    /// Helidon 4.5.0 says in its answer that it closes the connection, and waits for the next request.
    void endAfterLastRequest() {
        hadLastRequest = true;
    }

    /// Calls back when the client goes away, until the watch is closed.
    ///
    /// @param gone called on another thread, at most once
    Exchange.Watch watch(Runnable gone) {
        requestSince.set(NEVER);
        whenGone.set(gone);
        if (ahead == null) {
            CompletableFuture<Optional<byte[]>> next = new CompletableFuture<>();
            ahead = next;
            Thread.ofVirtual().name("saiki-client-watch").start(() -> readAhead(next));
        } else if (ahead.isCompletedExceptionally()
                || (ahead.isDone() && ahead.join().isEmpty())) {
            tellThatItIsGone();
        }
        return () -> whenGone.set(null);
    }

    private void readAhead(CompletableFuture<Optional<byte[]>> next) {
        try {
            Optional<byte[]> bytes = readSocket();
            next.complete(bytes);
            if (bytes.isEmpty()) {
                tellThatItIsGone();
            }
        } catch (RuntimeException broken) {
            next.completeExceptionally(broken);
            tellThatItIsGone();
        }
    }

    private void tellThatItIsGone() {
        Runnable gone = whenGone.getAndSet(null);
        if (gone != null) {
            gone.run();
        }
    }

    /// The next bytes of the client; nothing if there will be none.
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
            requestSince.compareAndSet(NEVER, now());
            return bytes.orElse(null);
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
            throw new CloseConnectionException("the server ends", e);
        } catch (ExecutionException e) {
            throw new CloseConnectionException("the connection is gone", e.getCause());
        }
    }

    /// Closes the connection if its client says nothing, takes nothing, or does not come to the end of its
    /// request. On a thread of its own, since a secured connection says goodbye, behind what is not taken.
    void closeIfSlow(long now, ConnectionLimits limits) {
        boolean slow = isOver(waitingSince, now, limits.silence())
                || isOver(writingSince, now, limits.silence())
                || isOver(requestSince, now, limits.request());
        if (slow && !closing.getAndSet(true)) {
            Thread.ofVirtual().name("saiki-client-close").start(context.serverSocket()::close);
        }
    }

    private static boolean isOver(AtomicLong since, long now, Duration most) {
        long begin = since.get();
        return begin != NEVER && now - begin > most.toNanos();
    }

    /// What Helidon sees of the connection: all of it, with reading and writing observed.
    private final class Watched implements ConnectionContext {

        private final DataReader reader = DataReader.create(ClientConnection.this::next);
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

    /// Notes since when a write has been waiting for the client.
    private final class TimedWriter implements DataWriter {

        private final DataWriter writer;

        TimedWriter(DataWriter writer) {
            this.writer = writer;
        }

        private void timed(Runnable write) {
            requestSince.set(NEVER);
            writingSince.set(now());
            try {
                write.run();
            } finally {
                writingSince.set(NEVER);
            }
        }

        @Override
        public void write(BufferData... buffers) {
            timed(() -> writer.write(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            timed(() -> writer.write(buffer));
        }

        @Override
        public void writeNow(BufferData... buffers) {
            timed(() -> writer.writeNow(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            timed(() -> writer.writeNow(buffer));
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
