package dev.saiki.server.generation;

import dev.saiki.engine.Token;
import dev.saiki.http.ApiException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The queue of a call's events, read by one thread.
abstract sealed class EventQueue {

    /// Waits for the next event, for a limited time.
    ///
    /// @param most the longest time to wait; zero returns only an event that is ready
    /// @return the event; empty if none arrived in time
    Optional<GenerationEvent> next(Duration most) {
        try {
            return await(most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.ending();
        }
    }

    /// Lets events accumulate until the answer ends, but at most for a given time.
    void gather(Duration most) {
        try {
            awaitGathered(most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.ending();
        }
    }

    abstract Optional<GenerationEvent> await(Duration most) throws InterruptedException;

    abstract void awaitGathered(Duration most) throws InterruptedException;

    /// The events of several answers, each read by its own thread.
    static final class OfMany extends EventQueue {

        private final BlockingQueue<GenerationEvent> queue = new LinkedBlockingQueue<>();

        void add(GenerationEvent event) {
            queue.add(event);
        }

        @Override
        Optional<GenerationEvent> await(Duration most) throws InterruptedException {
            return Optional.ofNullable(queue.poll(most.toMillis(), TimeUnit.MILLISECONDS));
        }

        /// Does not wait, because the events of several answers accumulate anyway while one of them is
        /// written.
        @Override
        void awaitGathered(Duration most) {}
    }

    /// The events of a single answer, read straight from the engine.
    static final class OfOne extends EventQueue {

        private final TokenSource.Written source;
        private final Iterator<Token> tokens;

        OfOne(TokenSource.Written source) {
            this.source = source;
            this.tokens = source.tokens();
        }

        @Override
        Optional<GenerationEvent> await(Duration most) throws InterruptedException {
            if (!source.stream().awaitNext(most)) {
                return Optional.empty();
            }
            return Optional.of(
                    tokens.hasNext()
                            ? new GenerationEvent.TokenWritten(0, tokens.next())
                            : new GenerationEvent.AnswerEnded(0, source.finish()));
        }

        @Override
        void awaitGathered(Duration most) throws InterruptedException {
            source.stream().awaitEnd(most);
        }
    }
}
