package dev.saiki.rollout.proxy;

import java.io.ByteArrayOutputStream;

/// A bounded copy of an answer's bytes.
final class Capture {

    private final int capacity;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean overflowed;

    Capture(int capacity) {
        this.capacity = capacity;
    }

    /// Copies a piece of the answer, as far as there is room.
    void add(byte[] piece, int count) {
        int room = capacity - bytes.size();
        bytes.write(piece, 0, Math.min(room, count));
        overflowed |= count > room;
    }

    /// Whether the copy is complete.
    boolean isWhole() {
        return !overflowed;
    }

    /// The copied bytes.
    byte[] bytes() {
        return bytes.toByteArray();
    }
}
