package dev.saiki.server.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/// A file of a spool, made of frames; each frame contains a length, a CRC-32C checksum and bytes. The recorded
/// size covers whole frames only; the frames up to the forced size are on disk and can be read.
final class SpoolSegment {

    /// The bytes of a frame in addition to its payload.
    static final int HEAD_BYTES = 8;

    private final long number;
    private final FileChannel channel;
    private long size;
    private long forced;
    private long taken;

    /// Opens a file whose bytes are all on the disk.
    SpoolSegment(long number, FileChannel channel, long size) {
        this.number = number;
        this.channel = channel;
        this.size = size;
        this.forced = size;
    }

    long number() {
        return number;
    }

    FileChannel channel() {
        return channel;
    }

    long size() {
        return size;
    }

    long forced() {
        return forced;
    }

    long taken() {
        return taken;
    }

    boolean isTaken() {
        return taken == size;
    }

    /// Marks all bytes as on the disk.
    void setForced() {
        forced = size;
    }

    /// Marks the bytes before a position as stored elsewhere.
    void takeUntil(long end) {
        taken = end;
    }

    /// Reduces the recorded size to the bytes on the disk, and leaves the file unchanged.
    ///
    /// @return the number of dropped bytes
    long dropUnforced() {
        long unforced = size - forced;
        size = forced;
        return unforced;
    }

    /// Truncates the file after the last whole frame.
    void truncate() throws IOException {
        channel.truncate(size);
    }

    /// Empties the file.
    void clear() throws IOException {
        channel.truncate(0);
        size = 0;
        forced = 0;
        taken = 0;
    }

    /// Appends a frame.
    void write(byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + payload.length)
                .putInt(payload.length)
                .putInt(checksum(payload))
                .put(payload)
                .flip();
        long position = size;
        try {
            while (frame.hasRemaining()) {
                position += channel.write(frame, position);
            }
        } catch (IOException e) {
            truncate();
            throw e;
        }
        size = position;
    }

    /// Finds the end of the last whole frame of a file.
    static long wholeFrames(FileChannel channel) throws IOException {
        long position = 0;
        while (true) {
            byte[] payload = readFrame(channel, position, channel.size());
            if (payload.length == 0) {
                return position;
            }
            position += HEAD_BYTES + payload.length;
        }
    }

    /// Reads one frame.
    ///
    /// @return the payload; empty if there is no whole frame
    static byte[] readFrame(FileChannel channel, long position, long end) throws IOException {
        byte[] nothing = new byte[0];
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
        if (position + HEAD_BYTES > end || !readFully(channel, head, position)) {
            return nothing;
        }
        int length = head.getInt(0);
        if (length <= 0 || position + HEAD_BYTES + length > end) {
            return nothing;
        }
        byte[] payload = new byte[length];
        boolean whole = readFully(channel, ByteBuffer.wrap(payload), position + HEAD_BYTES)
                && checksum(payload) == head.getInt(4);
        return whole ? payload : nothing;
    }

    private static boolean readFully(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }
}
