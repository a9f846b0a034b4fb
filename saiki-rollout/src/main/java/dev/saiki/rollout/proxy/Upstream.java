package dev.saiki.rollout.proxy;

import dev.saiki.http.ClientGoneException;
import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.io.Serial;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.LaxConnPool;
import org.apache.hc.core5.pool.PoolEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP/1.1 client of both sides, on HttpComponents Core. The client sends and reads on the calling thread, and
/// aborts requests that are no longer needed.
///
/// A request took 0.1 to 0.2 ms longer than with a parser of our own. Three other clients were rejected. The JDK's
/// hands a request from thread to thread five times, which took half of the 0.6 ms by which the gateway then delayed
/// the first byte. The other two were judged by their sources, not measured. HttpComponents' classic client reads
/// surplus bytes after an answer as the next answer, and waits up to 1 ms when it checks an idle connection. Helidon's
/// adds a dozen jars, and only one module may depend on Helidon.
final class Upstream implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private static final Duration TO_CONNECT = Duration.ofSeconds(5);
    private static final Duration SWEEP = Duration.ofSeconds(5);

    private final Supplier<SocketFactory> tls;
    private final LaxConnPool<HttpHost, UpstreamConnection> pool = new LaxConnPool<>(Integer.MAX_VALUE);
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-deadlines").factory());

    /// A client that trusts the JVM's certificate authorities.
    Upstream() {
        this(SSLSocketFactory::getDefault);
    }

    /// @param tls factory of TLS sockets, which determines the trusted authorities
    Upstream(Supplier<SocketFactory> tls) {
        this.tls = tls;
        ScheduledFuture<?> _ = deadlines.scheduleWithFixedDelay(
                pool::closeExpired, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Sends a request, and waits until the answer begins.
    ///
    /// @param endpoint the side, with its time limits
    /// @param streams whether a stream is requested, which must begin within the endpoint's `firstByte`
    /// @param cancellation the cancellation that aborts the request, even after the answer has begun
    /// @throws UpstreamException if no answer begins
    /// @throws ClientGoneException if the request was cancelled
    UpstreamAnswer ask(UpstreamRequest request, ModelEndpoint endpoint, boolean streams, Cancellation cancellation)
            throws UpstreamException {
        Patience patience = new Patience(
                System.nanoTime(),
                streams && endpoint.firstByte().compareTo(endpoint.answer()) < 0
                        ? endpoint.firstByte()
                        : endpoint.answer());
        try {
            PoolEntry<HttpHost, UpstreamConnection> place = lease(request);
            boolean isReused = place.hasConnection();
            try {
                return begin(place, request, endpoint, patience, cancellation);
            } catch (ClosedEarlyException e) {
                // A side may close an idle connection just as it is reused.
                if (!isReused || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LOG.debug("a connection closed before its answer began; trying a new one", e);
            }
            PoolEntry<HttpHost, UpstreamConnection> other = lease(request);
            other.discardConnection(CloseMode.IMMEDIATE);
            return begin(other, request, endpoint, patience, cancellation);
        } catch (ClosedEarlyException e) {
            throw new UpstreamException(
                    Fault.FAILED,
                    Thread.currentThread().isInterrupted()
                            ? "the gateway is shutting down"
                            : String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            LOG.warn("a request could not be sent", e);
            throw new UpstreamException(Fault.FAILED, "the request cannot be sent");
        }
    }

    /// Takes a place in the pool, with a connection only if a usable one is idle.
    private PoolEntry<HttpHost, UpstreamConnection> lease(UpstreamRequest request) throws UpstreamException {
        if (pool.isShutdown()) {
            throw new UpstreamException(Fault.FAILED, "the gateway is shutting down");
        }
        PoolEntry<HttpHost, UpstreamConnection> place =
                pool.lease(HttpHost.create(request.address()), null).resultNow();
        if (place.hasConnection() && !place.getConnection().isQuiet()) {
            place.discardConnection(CloseMode.IMMEDIATE);
        }
        return place;
    }

    /// How long an answer may take to begin.
    ///
    /// @param since the {@link System#nanoTime} at which the request began
    /// @param time the longest time from then on
    private record Patience(long since, Duration time) {

        /// What is left of the time.
        Duration left() {
            return time.minusNanos(System.nanoTime() - since);
        }
    }

    /// A failure of a connection that closed before the first byte of the answer.
    private static final class ClosedEarlyException extends Exception {

        @Serial
        private static final long serialVersionUID = 1L;

        ClosedEarlyException(Throwable cause) {
            super("the connection was closed before the answer began", cause);
        }
    }

    private UpstreamAnswer begin(
            PoolEntry<HttpHost, UpstreamConnection> place,
            UpstreamRequest request,
            ModelEndpoint endpoint,
            Patience patience,
            Cancellation cancellation)
            throws UpstreamException, ClosedEarlyException {
        if (!place.hasConnection()) {
            place.assignConnection(new UpstreamConnection(request.address(), tls));
        }
        UpstreamConnection connection = place.getConnection();
        UpstreamCall call = new UpstreamCall(place, pool, patience.left(), deadlines);
        cancellation.onCancel(call::end);
        boolean begun = false;
        try {
            if (!connection.isOpen()) {
                cancellation.watch();
                open(connection, call, patience.time());
            }
            connection.send(request);
            cancellation.watch();
            UpstreamAnswer answer = new UpstreamAnswer(
                    connection.receive(request.method()), connection, call, endpoint, patience.since());
            begun = true;
            return answer;
        } catch (IOException e) {
            throw failure(e, call, patience.time(), cancellation);
        } finally {
            if (!begun) {
                call.end();
            }
        }
    }

    private static void open(UpstreamConnection connection, UpstreamCall call, Duration patience)
            throws UpstreamException, IOException {
        try {
            connection.open(patience.compareTo(TO_CONNECT) < 0 ? patience : TO_CONNECT);
        } catch (SocketTimeoutException e) {
            throw new UpstreamException(Fault.LATE_BEGINNING, "no connection within the time limit");
        } catch (IOException e) {
            if (call.isUnderWay()) {
                LOG.debug("cannot connect to a side", e);
                throw new UpstreamException(Fault.FAILED, "cannot connect");
            }
            throw e;
        }
    }

    private static UpstreamException failure(
            IOException failure, UpstreamCall call, Duration patience, Cancellation cancellation)
            throws ClosedEarlyException {
        if (cancellation.isCancelled()) {
            throw new ClientGoneException(failure);
        }
        if (call.isLate()) {
            return new UpstreamException(Fault.LATE_BEGINNING, "no answer within " + patience.toMillis() + " ms");
        }
        if (failure instanceof ProtocolException) {
            LOG.debug("an answer cannot be read", failure);
            return new UpstreamException(Fault.FAILED, "the answer is not valid HTTP");
        }
        throw new ClosedEarlyException(failure);
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        pool.close();
    }
}
