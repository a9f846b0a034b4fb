package dev.saiki.rollout.proxy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.HexFormat;

/// The body of an HTTP/1 answer, up to the end that its head declares.
final class AnswerBody extends InputStream {

    private static final int LONGEST_LINE = 1 << 14;

    private final ConnectionInput input;
    private final AnswerHead.Framing framing;

    /// The number of bytes left in the current chunk, or in a body of known length.
    private long left;

    private boolean inChunk;
    private boolean ended;

    AnswerBody(ConnectionInput input, AnswerHead.Framing framing) {
        this.input = input;
        this.framing = framing;
        switch (framing) {
            case AnswerHead.Framing.Length length -> {
                left = length.bytes();
                ended = left == 0;
            }
            case AnswerHead.Framing.Chunks _ -> left = 0;
            case AnswerHead.Framing.UntilEnd _ -> left = Long.MAX_VALUE;
        }
    }

    /// Whether the whole body has been read.
    boolean hasEnded() {
        return ended;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    /// Reads the available bytes; blocks only if there are none.
    ///
    /// @throws EOFException if the connection ends before the body does
    @Override
    public int read(byte[] bytes, int offset, int max) throws IOException {
        if (max == 0) {
            return 0;
        }
        if (!ended && left == 0) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int count = input.read(bytes, offset, (int) Math.min(max, left));
        if (count < 0) {
            if (!(framing instanceof AnswerHead.Framing.UntilEnd)) {
                throw new EOFException("the connection closed within an answer");
            }
            ended = true;
            return -1;
        }
        if (!(framing instanceof AnswerHead.Framing.UntilEnd)) {
            left -= count;
            ended = left == 0 && framing instanceof AnswerHead.Framing.Length;
        }
        return count;
    }

    private void nextChunk() throws IOException {
        if (inChunk && !input.line(LONGEST_LINE).isEmpty()) {
            throw new ProtocolException("a chunk is longer than its declared size");
        }
        inChunk = true;
        left = length(input.line(LONGEST_LINE));
        if (left > 0) {
            return;
        }
        int room = LONGEST_LINE;
        for (String trailer = input.line(room); !trailer.isEmpty(); trailer = input.line(room)) {
            room -= trailer.length();
        }
        ended = true;
    }

    private static long length(String line) throws ProtocolException {
        int end = line.indexOf(';');
        String digits = (end < 0 ? line : line.substring(0, end)).strip();
        try {
            long length = HexFormat.fromHexDigitsToLong(digits);
            if (length >= 0 && !digits.isEmpty()) {
                return length;
            }
        } catch (IllegalArgumentException e) {
            // The error is reported below.
        }
        throw new ProtocolException("a chunk has no size");
    }
}
