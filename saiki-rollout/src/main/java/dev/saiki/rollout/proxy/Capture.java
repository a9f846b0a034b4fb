package dev.saiki.rollout.proxy;

import java.io.ByteArrayOutputStream;

/// A bounded copy of an answer's bytes.
final class Capture {

    private final int most;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean overflowed;

    Capture(int most) {
        this.most = most;
    }

    /// Copies a piece.
    void add(byte[] piece, int count) {
        int room = most - bytes.size();
        bytes.write(piece, 0, Math.min(room, count));
        overflowed |= count > room;
    }

    /// Whether the copy is complete.
    boolean isWhole() {
        return !overflowed;
    }

    /// The bytes that it holds.
    byte[] bytes() {
        return bytes.toByteArray();
    }
}
