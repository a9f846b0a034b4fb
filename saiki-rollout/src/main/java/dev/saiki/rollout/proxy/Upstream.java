package dev.saiki.rollout.proxy;

import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.server.http.ClientGoneException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The client of both sides.
///
/// It is the JDK's, which reads pieces as they come and cancels what nobody waits for. Helidon's WebClient was weighed:
/// it blocks on virtual threads too, but brings a dozen jars more, and one module alone may see Helidon.
final class Upstream implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);

    private static final Duration TO_CONNECT = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TO_CONNECT)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-deadlines").factory());

    /// Sends a request, and waits until the answer begins.
    ///
    /// @param endpoint the side, which says how long it may take
    /// @param streams whether a stream is asked for, which has to begin soon
    /// @param cancellation ends it, also once the answer has begun
    /// @throws UpstreamException if no answer begins
    /// @throws ClientGoneException if it was cancelled
    UpstreamAnswer ask(HttpRequest request, ModelEndpoint endpoint, boolean streams, Cancellation cancellation)
            throws UpstreamException {
        try {
            return begin(request, endpoint, streams, cancellation);
        } catch (ClosedEarlyException e) {
            // A side closes connections that wait for long, and may do so just when one is used.
            LOG.debug("a connection was closed before its answer began, and a new one is tried", e);
        }
        try {
            return begin(request, endpoint, streams, cancellation);
        } catch (ClosedEarlyException e) {
            throw new UpstreamException(String.valueOf(e.getMessage()), false);
        }
    }

    /// A connection that ended before anything came.
    private static final class ClosedEarlyException extends Exception {

        @Serial
        private static final long serialVersionUID = 1L;

        ClosedEarlyException(Throwable cause) {
            super("the connection was closed before the answer began", cause);
        }
    }

    private UpstreamAnswer begin(
            HttpRequest request, ModelEndpoint endpoint, boolean streams, Cancellation cancellation)
            throws UpstreamException, ClosedEarlyException {
        Duration patience = streams ? endpoint.firstByte() : endpoint.answer();
        CompletableFuture<HttpResponse<InputStream>> sent =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        cancellation.onCancel(() -> sent.cancel(true));
        try {
            HttpResponse<InputStream> response = sent.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            cancellation.onCancel(() -> close(response));
            return new UpstreamAnswer(response, endpoint, deadlines);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new UpstreamException("nothing came within " + patience.toMillis() + " ms", true);
        } catch (CancellationException e) {
            throw new ClientGoneException(e);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new UpstreamException("the gateway ends", false);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause(), cancellation);
        }
    }

    private static UpstreamException failure(Throwable cause, Cancellation cancellation) throws ClosedEarlyException {
        if (cancellation.isCancelled()) {
            throw new ClientGoneException(cause);
        }
        return switch (cause) {
            case HttpTimeoutException _ -> new UpstreamException("it cannot be connected to in time", true);
            case ConnectException _ -> new UpstreamException("it cannot be connected to", false);
            case IOException closed -> throw new ClosedEarlyException(closed);
            default -> {
                LOG.warn("a request could not be sent", cause);
                yield new UpstreamException("the request cannot be sent", false);
            }
        };
    }

    private static void close(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            LOG.debug("an answer was not closed", e);
        }
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        client.shutdownNow();
    }
}
