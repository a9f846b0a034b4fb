package dev.saiki.benchmarks;

import java.util.SplittableRandom;

/// The workload of a client in a soak test.
enum SoakWorkload {
    /// Reads a streamed answer.
    STREAM(56),
    /// Waits for a complete answer.
    WHOLE(20),
    /// Disconnects in the middle of a streamed answer.
    LEAVES(9),
    /// Reads a long answer slowly.
    SLOW(2),
    /// Sends an invalid body.
    MALFORMED(4),
    /// Sends data that is not HTTP.
    NO_HTTP(2),
    /// Uses an invalid key.
    WRONG_KEY(4),
    /// Uses a key with a low rate limit, and mostly exceeds the limit.
    BOUNDED_KEY(3);

    private final int percent;

    SoakWorkload(int percent) {
        this.percent = percent;
    }

    /// Draws the workload of the next client at random.
    static SoakWorkload draw(SplittableRandom random) {
        int left = random.nextInt(100);
        for (SoakWorkload kind : values()) {
            left -= kind.percent;
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("the shares of all kinds must come to 100 %");
    }
}
