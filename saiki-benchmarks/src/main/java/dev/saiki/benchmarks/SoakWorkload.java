package dev.saiki.benchmarks;

import java.util.SplittableRandom;

/// The workload of a client in a soak test.
enum SoakWorkload {
    /// Reads an answer in pieces.
    STREAM(56),
    /// Waits for an answer in one piece.
    WHOLE(20),
    /// Goes away in the middle of its stream.
    LEAVES(9),
    /// Takes a long answer a little at a time.
    SLOW(2),
    /// Has a body that no request may have.
    MALFORMED(4),
    /// Sends what is not HTTP.
    NO_HTTP(2),
    /// Uses a key with a low rate limit, mostly exceeding it.
    WRONG_KEY(4),
    /// Comes with a key that may ask for little, mostly too often.
    BOUNDED_KEY(3);

    private final int percent;

    SoakWorkload(int percent) {
        this.percent = percent;
    }

    /// Draws what the next client does.
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
