package dev.saiki.rollout.proxy;

import java.util.concurrent.atomic.AtomicLong;

/// A count, with a limit, of the bytes that many requests hold in memory together. Thread-safe.
public final class HeldBytes {

    private final long limit;
    private final AtomicLong held = new AtomicLong();

    /// Creates a count of zero.
    ///
    /// @param limit the largest number of bytes held at the same time
    public HeldBytes(long limit) {
        this.limit = limit;
    }

    /// Opens the account of one request.
    ///
    /// @return an account without bytes
    public Share share() {
        return new Share();
    }

    /// The bytes that one request holds, returned when closed. One thread at a time uses a share.
    public final class Share implements AutoCloseable {

        private long bytes;

        private Share() {}

        /// Takes more bytes, unless the limit would be exceeded.
        ///
        /// @param more the number of bytes
        /// @return whether the bytes were taken
        public boolean take(long more) {
            if (held.addAndGet(more) > limit) {
                held.addAndGet(-more);
                return false;
            }
            bytes += more;
            return true;
        }

        @Override
        public void close() {
            held.addAndGet(-bytes);
            bytes = 0;
        }
    }
}
