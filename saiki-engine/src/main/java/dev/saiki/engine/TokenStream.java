package dev.saiki.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The tokens of one generation, which can be read while they are generated.
///
/// The iterator waits for each token; afterwards {@link #finish} returns the result. The stream holds at most the
/// tokens that the request can produce, so a slow reader needs no backpressure. Closing the stream early cancels
/// the generation. Only one thread may read the stream.
public final class TokenStream implements Iterable<Token>, AutoCloseable {

    private static final Duration LONG = Duration.ofDays(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Token> written = new ArrayDeque<>();
    private Runnable cancel = () -> {};
    private volatile int cachedTokens;
    private volatile @Nullable GenerationResult finish;
    private boolean sleepsUntilEnd;

    TokenStream() {}

    /// Sets the action that cancels the generation. Called before the stream is handed out.
    void onCancel(Runnable action) {
        cancel = action;
    }

    /// Sets the number of cached tokens. Called by the engine's thread before the first token.
    void begin(int cached) {
        cachedTokens = cached;
    }

    /// Returns the number of prompt tokens that were taken from the prefix cache. The number is set before the
    /// first token.
    ///
    /// @return number of tokens that were found in the cache
    public int cachedTokens() {
        return cachedTokens;
    }

    /// Adds a token; only the engine's thread calls this method. Wakes the reader only if the reader waits for
    /// a token.
    void write(Token token) {
        lock.lock();
        try {
            written.add(token);
            if (!sleepsUntilEnd) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    void end(GenerationResult how) {
        lock.lock();
        try {
            finish = how;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Returns an iterator over the tokens, which waits until each token is generated; a second iterator
    /// continues where the first one stopped.
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
        lock.lock();
        try {
            while (written.isEmpty() && finish == null) {
                changed.await();
            }
            return written.poll();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        cancel();
        return new IllegalStateException("interrupted while waiting for a token", e);
    }

    /// Waits a limited time for the next token or the end of the generation.
    ///
    /// @param most maximum wait; zero to return at once
    /// @return whether a token is available or the generation has ended, so that reading does not block
    /// @throws InterruptedException if this thread is interrupted
    public boolean awaitNext(Duration most) throws InterruptedException {
        lock.lock();
        try {
            long left = most.toNanos();
            while (written.isEmpty() && finish == null && left > 0) {
                left = changed.awaitNanos(left);
            }
            return !written.isEmpty() || finish != null;
        } finally {
            lock.unlock();
        }
    }

    /// Waits for the end of the generation; unlike iteration, the wait does not wake up for each token. The tokens
    /// can still be read.
    public void awaitEnd() {
        try {
            while (finish == null) {
                awaitEnd(LONG);
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /// Waits a limited time for the end of the generation; unlike iteration, the wait does not wake up for each
    /// token. The tokens can still be read.
    ///
    /// @param most maximum wait
    /// @throws InterruptedException if this thread is interrupted
    public void awaitEnd(Duration most) throws InterruptedException {
        lock.lock();
        try {
            sleepsUntilEnd = true;
            long left = most.toNanos();
            while (finish == null && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            sleepsUntilEnd = false;
            lock.unlock();
        }
    }

    /// Waits for the end of the generation and discards unread tokens.
    ///
    /// @return the result of the generation
    public GenerationResult finish() {
        awaitEnd();
        lock.lock();
        try {
            written.clear();
            GenerationResult how = finish;
            if (how == null) {
                throw new IllegalStateException("the generation ended without a finish reason");
            }
            return how;
        } finally {
            lock.unlock();
        }
    }

    /// Cancels the generation; the engine stops it before the next stage.
    public void cancel() {
        cancel.run();
    }

    /// Cancels the generation if it has not ended.
    @Override
    public void close() {
        if (finish == null) {
            cancel();
        }
    }
}
