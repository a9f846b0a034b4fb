package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Received;
import dev.saiki.rollout.pair.RequestedForm;
import java.io.ByteArrayOutputStream;

/// A bounded copy of an answer's bytes.
final class Capture {

    private final int capacity;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean overflowed;
    private byte last = '\n';

    Capture(int capacity) {
        this.capacity = capacity;
    }

    /// Copies a piece of the answer, as far as there is room.
    void add(byte[] piece, int count) {
        int room = capacity - bytes.size();
        bytes.write(piece, 0, Math.min(room, count));
        overflowed |= count > room;
        last = count > 0 ? piece[count - 1] : last;
    }

    /// Judges the answer. One that is longer than what is kept cannot be compared, and is a failure of its side.
    Outcome outcome(Received received, ForwardedRequest request) {
        return overflowed
                ? new Outcome.Failed(
                        Fault.MALFORMED,
                        "the answer is longer than limits.answer_bytes, " + capacity,
                        received.firstByte(),
                        received.total())
                : received.outcome(RequestedForm.of(request.fields()));
    }

    /// Whether the answer is longer than what is kept.
    boolean isOverflowed() {
        return overflowed;
    }

    /// Whether the last byte of the answer so far ended a line.
    boolean endsLine() {
        return last == '\n';
    }

    /// The copied bytes.
    byte[] bytes() {
        return bytes.toByteArray();
    }
}
