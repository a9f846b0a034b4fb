package dev.saiki.train.metrics;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/// A writer of scalars in the event-file format that TensorBoard reads.
///
/// A file is a chain of records: the length of the data (8 bytes, little-endian), the masked CRC-32C of these 8
/// bytes, the data, the masked CRC-32C of the data. Masking rotates the CRC right by 15 bits and adds
/// `0xa282ead8`. The data is an `Event` in protocol-buffer encoding, of which this class writes four fields:
/// `wall_time` (1, double), `step` (2, varint), `file_version` (3, string, in the first record only) and `summary`
/// (5), whose values have a `tag` (1, string) and a `simple_value` (2, float).
public final class EventFileWriter implements Closeable {

    private static final int MASK_DELTA = 0xa282ead8;
    private static final String FILE_VERSION = "brain.Event:2";
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private final OutputStream output;

    private EventFileWriter(OutputStream output) {
        this.output = output;
    }

    /// Starts a new event file.
    ///
    /// @param folder the folder of the file; created if it does not exist
    /// @param wallTime seconds since 1970, also used in the file's name
    /// @return the open writer
    /// @throws IOException if the file cannot be written
    public static EventFileWriter create(Path folder, double wallTime) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.saiki", (long) wallTime));
        EventFileWriter writer = new EventFileWriter(new BufferedOutputStream(Files.newOutputStream(file)));
        ByteArrayOutputStream event = event(wallTime, 0);
        string(event, 3, FILE_VERSION);
        writer.record(event.toByteArray());
        writer.output.flush();
        return writer;
    }

    /// Writes the values of one step.
    ///
    /// @param line the numbers
    /// @throws IOException if writing fails
    public void append(MetricsLine line) throws IOException {
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        for (Map.Entry<String, Double> entry : line.values().entrySet()) {
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            string(value, 1, entry.getKey());
            tag(value, 2, FIXED_32);
            value.writeBytes(
                    littleEndian(4).putFloat(entry.getValue().floatValue()).array());
            bytes(summary, 1, value.toByteArray());
        }
        ByteArrayOutputStream event = event(line.wallTime(), line.step());
        bytes(event, 5, summary.toByteArray());
        record(event.toByteArray());
        output.flush();
    }

    @Override
    public void close() throws IOException {
        output.close();
    }

    private void record(byte[] data) throws IOException {
        byte[] length = littleEndian(8).putLong(data.length).array();
        output.write(length);
        output.write(maskedCrc(length));
        output.write(data);
        output.write(maskedCrc(data));
    }

    private static byte[] maskedCrc(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
        return littleEndian(4).putInt(masked).array();
    }

    private static ByteArrayOutputStream event(double wallTime, long step) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        tag(event, 1, FIXED_64);
        event.writeBytes(littleEndian(8).putDouble(wallTime).array());
        if (step != 0) { // Zero is the protocol's default and is not written.
            tag(event, 2, VARINT);
            varint(event, step);
        }
        return event;
    }

    private static void string(ByteArrayOutputStream message, int field, String text) {
        bytes(message, field, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(ByteArrayOutputStream message, int field, byte[] content) {
        tag(message, field, LENGTH_DELIMITED);
        varint(message, content.length);
        message.writeBytes(content);
    }

    private static void tag(ByteArrayOutputStream message, int field, int wireType) {
        varint(message, ((long) field << 3) | wireType);
    }

    private static void varint(ByteArrayOutputStream message, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            message.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        message.write((int) rest);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
