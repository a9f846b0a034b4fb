package dev.saiki.engine;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The tokens of one generation, as they are written.
///
/// Iterating waits for each token; afterwards {@link #finish} says how it ended. It holds at most as many tokens as
/// were
/// asked for, so a slow reader needs no bound. Closing it early cancels the generation. One thread may read.
public final class TokenStream implements Iterable<Token>, AutoCloseable {

    /// What the engine puts in: a token, or the end.
    private sealed interface Event {
        record Written(Token token) implements Event {}

        record Ended(Finish finish) implements Event {}
    }

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Finish> finish = new AtomicReference<>();
    private final Runnable cancel;

    TokenStream(Runnable cancel) {
        this.cancel = cancel;
    }

    void write(Token token) {
        events.add(new Event.Written(token));
    }

    void end(Finish how) {
        events.add(new Event.Ended(how));
    }

    /// Returns the tokens, each when it is written; a second iterator goes on where the first one stopped.
    @Override
    public Iterator<Token> iterator() {
        return new Iterator<>() {
            private @Nullable Token next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    next = read();
                }
                return next != null;
            }

            @Override
            public Token next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException("the generation has ended");
                }
                Token token = next;
                next = null;
                return token;
            }
        };
    }

    private @Nullable Token read() {
        if (finish.get() != null) {
            return null;
        }
        try {
            return switch (events.take()) {
                case Event.Written(Token token) -> token;
                case Event.Ended(Finish how) -> {
                    finish.set(how);
                    yield null;
                }
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
            throw new IllegalStateException("interrupted while waiting for a token", e);
        }
    }

    /// Waits for the end, skipping tokens that were not read.
    ///
    /// @return how it ended
    public Finish finish() {
        while (read() != null) {
            // Skipped.
        }
        Finish how = finish.get();
        if (how == null) {
            throw new IllegalStateException("ended without saying how");
        }
        return how;
    }

    /// Asks the engine to stop writing; it does so at the next border of a stage.
    public void cancel() {
        cancel.run();
    }

    /// Cancels what has not ended.
    @Override
    public void close() {
        if (finish.get() == null) {
            cancel();
        }
    }
}
