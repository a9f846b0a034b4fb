package dev.saiki.tensor;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/// A connection to the key-value store of a group, for one start of the group.
///
/// A call that waits blocks all others on the same connection. All methods throw {@link RuntimeException} if the store
/// has ended.
final class StoreClient implements AutoCloseable {

    private final TCPStore store;
    private final String prefix;
    private final AtomicLong calls = new AtomicLong();

    private StoreClient(TCPStore store, String prefix) {
        this.store = store;
        this.prefix = prefix;
    }

    /// Connects to the store.
    ///
    /// @param limit how long the store may take to come up
    static StoreClient connect(Rendezvous place, Duration limit) {
        return new StoreClient(open(place, false, limit), place.generation() + "/");
    }

    /// Opens the store, or a connection to it.
    ///
    /// @param asServer whether this process hosts the store
    /// @param limit how long the store may take to come up
    static TCPStore open(Rendezvous place, boolean asServer, Duration limit) {
        try (TCPStoreOptions options = new TCPStoreOptions();
                Milliseconds timeout = new Milliseconds(limit.toMillis())) {
            options.port((short) place.port())
                    .isServer(asServer)
                    .waitWorkers(false)
                    .timeout(timeout);
            return new TCPStore(place.host(), options);
        }
    }

    /// The number of calls so far.
    long numCalls() {
        return calls.get();
    }

    void set(String key, String value) {
        calls.incrementAndGet();
        store.set(prefix + key, value);
    }

    /// Adds to a counter, which is 0 at first.
    ///
    /// @return the new value
    long add(String key, long amount) {
        calls.incrementAndGet();
        return store.add(prefix + key, amount);
    }

    boolean has(String key) {
        calls.incrementAndGet();
        try (StringVector keys = new StringVector(prefix + key)) {
            return store.check(keys);
        }
    }

    /// Returns the value of a key that exists.
    String get(String key) {
        calls.incrementAndGet();
        return store.get_to_str(prefix + key);
    }

    /// Waits until a key exists.
    ///
    /// @throws RuntimeException if it does not exist after the time limit
    void await(String key, Duration limit) {
        calls.incrementAndGet();
        try (StringVector keys = new StringVector(prefix + key);
                Milliseconds timeout = new Milliseconds(limit.toMillis())) {
            store._wait(keys, timeout);
        }
    }

    @Override
    public void close() {
        store.deallocate();
    }
}
