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

/// A client's connection that detects a disconnect while the answer is produced.
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

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final ScopedValue<ClientConnection> CURRENT = ScopedValue.newInstance();

    /// Stands for "not now" where a time is kept.
    private static final long NEVER = 0;

    /// What is written at once: little enough that a client which takes it slowly is seen to take it.
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

    /// Closes the socket under a secured connection, which Helidon leaves open: it closes what lies above. The
    /// goodbye is a write like any other, and waits for the client no longer than those.
    private void endSecured() {
        requestSince.set(NEVER);
        writingSince.set(now());
        try {
            sayGoodbye();
        } finally {
            closeSocket(channel);
            writingSince.set(NEVER);
        }
    }

    private void sayGoodbye() {
        try {
            context.serverSocket().close();
        } catch (UncheckedIOException e) {
            LOG.debug("the client disconnected before its connection was closed", e);
        }
    }

    /// Closes a socket at once: who reads from it or writes to it fails.
    static void closeSocket(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }

    /// While an answer is made, the client is not idle, however long it takes.
    @Override
    public Duration idleTime() {
        return whenGone.get() == null ? http.idleTime() : Duration.ZERO;
    }

    /// Helidon closes idle connections together with the port, and takes one for idle whose request has come and was
    /// not read yet. Clients that were told of the end have had their time; who has just connected gets it here.
    @Override
    public void close(boolean interrupt) {
        if (interrupt || !all.isEnding()) {
            http.close(interrupt);
        }
    }

    /// The client wants nothing more of this connection than what it has got: what Helidon asks for next is its end.
    /// Helidon 4.5.0 says in its answer that it closes the connection, and waits for the next request.
    void endAfterLastRequest() {
        hadLastRequest = true;
    }

    /// The headers of a request are complete, and its handler starts or has ended. What is read meanwhile is its body.
    ///
    /// @param begins whether the handler starts
    void answering(boolean begins) {
        isAnswering = begins;
        headSince.set(NEVER);
    }

    /// Whether its client speaks HTTP/1.0, and so does not know chunks.
    boolean isOfHttp10() {
        return first.isOfHttp10();
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
            if (requestSince.compareAndSet(NEVER, now()) && !isAnswering) {
                headSince.set(now());
            }
            // Helidon takes an end within a request, and any other failure, for one of the server's.
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
            throw new CloseConnectionException("the server ends", e);
        } catch (ExecutionException e) {
            throw new CloseConnectionException("the connection is closed", e.getCause());
        }
    }

    /// Closes the connection if its client says nothing, takes nothing, or does not come to the end of its
    /// request. It says goodbye on a thread of its own, since with TLS that is a write, which may stand still as
    /// well. Where one stands still already, behind which a goodbye would wait, or the connection is still there
    /// the next time, the socket underneath is closed.
    void closeIfSlow(long now, ConnectionLimits limits) {
        boolean stalled = isOver(writingSince, now, limits.silence());
        boolean silent = isOver(waitingSince, now, limits.silence())
                || isOver(headSince, now, limits.head())
                || isOver(requestSince, now, limits.request());
        if (stalled || (silent && closing.getAndSet(true))) {
            closeSocket(channel);
        } else if (silent) {
            Thread.ofVirtual().name("saiki-client-close").start(this::sayGoodbye);
        }
    }

    private static boolean isOver(AtomicLong since, long now, Duration most) {
        long begin = since.get();
        return begin != NEVER && now - begin > most.toNanos();
    }

    /// The connection as Helidon sees it: all of it, with reading and writing observed.
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

    /// A writer that notes since when a write has been waiting for the client, and writes what is large in pieces,
    /// since one write tells nothing of what the client takes of it.
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
