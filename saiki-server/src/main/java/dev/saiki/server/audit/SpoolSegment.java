package dev.saiki.server.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/// A file of a spool: frames of length, CRC-32C and bytes. Its size counts whole frames; those up to the synced size
/// are on disk and can be taken.
final class SpoolSegment {

    /// Bytes of a frame beside its payload.
    static final int HEAD_BYTES = 8;

    private final long number;
    private final FileChannel channel;
    private long size;
    private long forced;
    private long taken;

    /// A file of which all that it has is on the disk.
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

    /// All of it is on the disk.
    void setForced() {
        forced = size;
    }

    /// What stands before is stored elsewhere.
    void takeUntil(long end) {
        taken = end;
    }

    /// Forgets what is not on the disk, but leaves the file as it is.
    ///
    /// @return bytes
    long forgetUnforced() {
        long unforced = size - forced;
        size = forced;
        return unforced;
    }

    /// Cuts off what stands behind the whole frames.
    void truncate() throws IOException {
        channel.truncate(size);
    }

    /// Begins anew.
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

    /// Finds where the whole frames of a file end.
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
    /// @return nothing if no whole frame stands there
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
