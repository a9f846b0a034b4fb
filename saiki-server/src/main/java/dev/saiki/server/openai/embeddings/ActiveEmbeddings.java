package dev.saiki.server.openai.embeddings;

import dev.saiki.engine.Engine;
import dev.saiki.engine.QueueFullException;
import dev.saiki.engine.TextEmbedding;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.http.ClientGoneException;
import dev.saiki.server.generation.EngineResult;
import dev.saiki.text.chat.EncodedPrompt;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.ObjIntConsumer;

/// The texts of one request while they are embedded. Only a few texts at a time are submitted to the engine, so
/// that a long list leaves room in the engine's queue for other requests. Closing this object cancels the
/// unfinished texts.
final class ActiveEmbeddings implements AutoCloseable {

    private static final int AT_ONCE = 16;

    private final Engine engine;
    private final RouteSettings route;
    private final Duration most;
    private final long deadline;
    private final Deque<CompletableFuture<TextEmbedding>> pending = new ConcurrentLinkedDeque<>();
    private int numDone;
    private volatile boolean abandoned;

    /// Creates a call that has not started.
    ///
    /// @param engine the model
    /// @param route the depth settings
    /// @param most the time limit for all texts together
    ActiveEmbeddings(Engine engine, RouteSettings route, Duration most) {
        this.engine = engine;
        this.route = route;
        this.most = most;
        this.deadline = System.nanoTime() + most.toNanos();
    }

    /// Embeds texts.
    ///
    /// @param texts the texts of the request
    /// @param done the receiver of each embedding and its index, in order
    /// @throws dev.saiki.http.ApiException if the texts are not embedded in time
    /// @throws QueueFullException if the queue is full, and contains none of these texts
    /// @throws ClientGoneException if the client has disconnected
    public void embed(List<EncodedPrompt> texts, ObjIntConsumer<TextEmbedding> done) {
        for (EncodedPrompt text : texts) {
            if (pending.size() >= AT_ONCE) {
                takeFirst(done);
            }
            submit(text, done);
        }
        while (!pending.isEmpty()) {
            takeFirst(done);
        }
    }

    /// Submits a text. If the queue is full, waits for an earlier text of this request to finish, and tries
    /// again.
    private void submit(EncodedPrompt text, ObjIntConsumer<TextEmbedding> done) {
        while (true) {
            try {
                pending.addLast(engine.embed(text.ids(), route));
                return;
            } catch (QueueFullException full) {
                if (pending.isEmpty()) {
                    throw full;
                }
                takeFirst(done);
            }
        }
    }

    private void takeFirst(ObjIntConsumer<TextEmbedding> done) {
        try {
            done.accept(EngineResult.of(pending.getFirst(), deadline, most), numDone);
        } catch (RuntimeException failure) {
            throw abandoned ? new ClientGoneException() : failure;
        }
        pending.removeFirst();
        numDone++;
        if (abandoned) {
            throw new ClientGoneException();
        }
    }

    /// Cancels the unfinished texts because the client has disconnected. May be called from any thread.
    public void abandon() {
        abandoned = true;
        close();
    }

    @Override
    public void close() {
        pending.forEach(embedding -> embedding.cancel(true));
    }
}
