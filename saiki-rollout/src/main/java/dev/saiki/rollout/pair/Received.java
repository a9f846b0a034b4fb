package dev.saiki.rollout.pair;

import java.time.Duration;

/// What arrived of an answer, and how it ended. The answers that clients read and those of the mirror are received
/// alike, so that neither side is measured more leniently.
///
/// @param status the HTTP status
/// @param bytes the body, as far as it arrived and is kept
/// @param isStream whether the body is a stream of events
/// @param ending how the body ended
/// @param firstByte time from the request to the first byte
/// @param total time from the request to the end
@SuppressWarnings("ArrayRecordComponent") // A carrier; nothing compares it.
public record Received(int status, byte[] bytes, boolean isStream, Ending ending, Duration firstByte, Duration total) {

    private static final int GOOD = 200;
    private static final int NOT_GOOD = 300;
    private static final int REFUSED = 400;
    private static final int NOT_REFUSED = 500;

    /// How the body of an answer ended.
    public enum Ending {
        /// With its last byte.
        REGULAR,
        /// By a lost connection.
        LOST,
        /// By a time limit, before the first byte.
        LATE_BEGINNING,
        /// By a time limit, between two pieces.
        STALLED,
        /// By the time limit of the whole answer.
        LATE_END
    }

    /// Tells whether the status is a success.
    ///
    /// @return whether the status is from 200 to 299
    public boolean isGood() {
        return status >= GOOD && status < NOT_GOOD;
    }

    /// Tells whether the judgement depends on the bytes.
    ///
    /// @return whether the answer is a success and came to its end
    public boolean isWhole() {
        return ending == Ending.REGULAR && isGood();
    }

    /// Judges what arrived.
    ///
    /// @param request what was asked for
    /// @return the outcome
    public Outcome outcome(RequestedForm request) {
        return switch (ending) {
            case LOST -> failed(Fault.TORN, "the connection was lost");
            case LATE_BEGINNING -> failed(Fault.LATE_BEGINNING, "no first byte within the time limit");
            case STALLED -> failed(Fault.STALLED, "no further piece within the time limit");
            case LATE_END -> failed(Fault.LATE_END, "no end within the time limit");
            case REGULAR ->
                isGood()
                        ? AnswerReader.read(this, request)
                        : failed(
                                status >= REFUSED && status < NOT_REFUSED ? Fault.REFUSED : Fault.FAILED,
                                "status " + status);
        };
    }

    private Outcome failed(Fault fault, String reason) {
        return new Outcome.Failed(fault, reason, firstByte, total);
    }
}
