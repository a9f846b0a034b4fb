package dev.saiki.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The tokens of one generation while they are written.
///
/// Iterating waits for each token; afterwards {@link #finish} says how it ended. It holds at most as many tokens as
/// were asked for, so a slow reader needs no bound. Closing it early cancels the generation. One thread may read.
public final class TokenStream implements Iterable<Token>, AutoCloseable {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<Token> written = new ArrayDeque<>();
    private Runnable cancel = () -> {};
    private int cachedTokens;
    private @Nullable GenerationResult finish;
    private boolean sleepsUntilEnd;

    TokenStream() {}

    /// Sets what cancelling does, before anybody has the stream.
    void onCancel(Runnable action) {
        cancel = action;
    }

    /// Called by the engine's thread before the first token.
    void begin(int cached) {
        lock.lock();
        try {
            cachedTokens = cached;
        } finally {
            lock.unlock();
        }
    }

    /// Returns how many tokens of the prompt were not computed, since an earlier request began with them. Known from
    /// the first token on.
    ///
    /// @return tokens that were found in the cache
    public int cachedTokens() {
        lock.lock();
        try {
            return cachedTokens;
        } finally {
            lock.unlock();
        }
    }

    /// Called by the engine's thread. A reader that is awake, or that waits for the end only, is not woken.
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

    /// Waits a while for the next token, or the end.
    ///
    /// @param most how long; nothing to look whether one of them is there
    /// @return whether one is, so that reading does not wait
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

    /// Waits for the end, and is not woken by what is written until then. The tokens stay, to be read.
    public void awaitEnd() {
        lock.lock();
        try {
            sleepsUntilEnd = true;
            while (finish == null) {
                changed.await();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            sleepsUntilEnd = false;
            lock.unlock();
        }
    }

    /// Waits a while for the end, and is not woken by what is written until then. The tokens stay, to be read.
    ///
    /// @param most how long
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

    /// Waits for the end, skipping tokens that were not read.
    ///
    /// @return how it ended
    public GenerationResult finish() {
        awaitEnd();
        lock.lock();
        try {
            written.clear();
            GenerationResult how = finish;
            if (how == null) {
                throw new IllegalStateException("ended without saying how");
            }
            return how;
        } finally {
            lock.unlock();
        }
    }

    /// Asks the engine to stop writing; it does so at the next border of a stage.
    public void cancel() {
        cancel.run();
    }

    /// Cancels what has not ended.
    @Override
    public void close() {
        if (!hasEnded()) {
            cancel();
        }
    }

    private boolean hasEnded() {
        lock.lock();
        try {
            return finish != null;
        } finally {
            lock.unlock();
        }
    }
}
