package dev.saiki.rollout.proxy;

import java.time.Duration;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/// The idle connections. The most recently used connection is taken first, so that surplus connections age and are
/// closed.
final class UpstreamPool implements AutoCloseable {

    /// The maximum idle time, which is below that of servers: they close idle connections after about a minute.
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Map<UpstreamConnection.Origin, Deque<UpstreamConnection>> idle = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /// Takes a connection, if one is idle.
    Optional<UpstreamConnection> take(UpstreamConnection.Origin origin) {
        Deque<UpstreamConnection> waiting = idle.get(origin);
        if (waiting == null) {
            return Optional.empty();
        }
        for (UpstreamConnection one = waiting.pollFirst(); one != null; one = waiting.pollFirst()) {
            if (!isOld(one, System.nanoTime()) && one.isQuiet()) {
                return Optional.of(one);
            }
            one.close();
        }
        return Optional.empty();
    }

    private static boolean isOld(UpstreamConnection connection, long now) {
        return now - connection.idleSince() > LONGEST.toNanos();
    }

    /// Returns a connection to the pool after its last answer was read to the end.
    void release(UpstreamConnection connection) {
        connection.isIdle(System.nanoTime());
        idle.computeIfAbsent(connection.origin(), _ -> new ConcurrentLinkedDeque<>())
                .addFirst(connection);
        if (closed) {
            close();
        }
    }

    /// Closes connections that have been idle too long.
    void closeOld() {
        long now = System.nanoTime();
        for (Deque<UpstreamConnection> waiting : idle.values()) {
            waiting.removeIf(one -> {
                boolean old = isOld(one, now);
                if (old) {
                    one.close();
                }
                return old;
            });
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Deque<UpstreamConnection> waiting : idle.values()) {
            for (UpstreamConnection one = waiting.pollFirst(); one != null; one = waiting.pollFirst()) {
                one.close();
            }
        }
    }
}
