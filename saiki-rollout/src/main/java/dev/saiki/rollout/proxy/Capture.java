package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Received;
import dev.saiki.rollout.pair.RequestedForm;
import java.io.ByteArrayOutputStream;
import java.io.Serial;
import java.util.function.LongPredicate;

/// A bounded copy of an answer's bytes.
final class Capture {

    private final int capacity;
    private final LongPredicate hasRoom;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long length;
    private boolean lacksMemory;
    private byte last = '\n';

    /// A failure to find memory for an answer, which says nothing about the side that wrote it.
    static final class NoMemoryException extends RuntimeException {

        @Serial
        private static final long serialVersionUID = 1L;

        private NoMemoryException() {
            super("other comparisons fill the plan's limits.mirrored_bytes");
        }
    }

    /// Creates an empty copy.
    ///
    /// @param capacity the largest number of bytes
    /// @param hasRoom takes the number of bytes of each piece, and tells whether there is memory for it
    Capture(int capacity, LongPredicate hasRoom) {
        this.capacity = capacity;
        this.hasRoom = hasRoom;
    }

    /// Copies a piece of the answer, as far as there is room.
    void add(byte[] piece, int count) {
        int kept = Math.min(capacity - bytes.size(), count);
        lacksMemory = lacksMemory || !hasRoom.test(kept);
        if (!lacksMemory) {
            bytes.write(piece, 0, kept);
        }
        length += count;
        last = count > 0 ? piece[count - 1] : last;
    }

    /// Judges the answer. One that is longer than what is kept cannot be compared, and is a failure of its side.
    ///
    /// @throws NoMemoryException if the judgement needs a part that found no memory
    Outcome outcome(Received received, ForwardedRequest request) {
        if (length > capacity) {
            String reason = "the answer is longer than limits.answer_bytes, " + capacity;
            return new Outcome.Failed(Fault.MALFORMED, reason, received.firstByte(), received.total());
        }
        if (lacksMemory && received.isWhole()) {
            throw new NoMemoryException();
        }
        return received.outcome(RequestedForm.of(request.fields()));
    }

    /// Whether nothing more of the answer will be kept.
    boolean isFull() {
        return length > capacity || lacksMemory;
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
