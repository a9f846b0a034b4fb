package dev.saiki.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reads the file with a separate decoder, including checksums.
class EventFileWriterTest {

    private static final double START = 1_764_000_000.25;

    // Field number times eight, plus the wire type.
    private static final int DOUBLE_1 = 9;
    private static final int MESSAGE_1 = 10;
    private static final int VARINT_2 = 16;
    private static final int FLOAT_2 = 21;
    private static final int TEXT_3 = 26;
    private static final int MESSAGE_5 = 42;

    @TempDir
    Path folder;

    @Test
    void recordsReadBackWithValidChecksums() throws IOException {
        try (EventFileWriter writer = EventFileWriter.create(folder, START)) {
            writer.append(new MetricsLine(1, START + 1, values(Map.of("train/cross_entropy_loss", 8.25))));
            writer.append(new MetricsLine(300, START + 2, values(Map.of("optimizer/learning_rate", 0.003))));
        }
        List<Event> events = read();
        assertThat(events.getFirst()).isEqualTo(new Event(START, 0, "brain.Event:2", Map.of()));
        assertThat(events.subList(1, 3))
                .containsExactly(
                        new Event(START + 1, 1, "", Map.of("train/cross_entropy_loss", 8.25f)),
                        new Event(START + 2, 300, "", Map.of("optimizer/learning_rate", 0.003f)));
        assertThat(events).hasSize(3);
    }

    @Test
    void fileIsNamedSoThatTensorBoardFindsIt() throws IOException {
        EventFileWriter.create(folder, START).close();
        assertThat(onlyFile().getFileName().toString()).startsWith("events.out.tfevents.1764000000.");
    }

    /// Every event file begins in this way: with the length of the first record, 24 bytes, and the checksum of
    /// the length.
    @Test
    void firstBytesAreThoseOfEveryEventFile() throws IOException {
        EventFileWriter.create(folder, START).close();
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(onlyFile()), 0, 12))
                .isEqualTo("1800000000000000a37f4b22");
    }

    private record Event(double wallTime, long step, String fileVersion, Map<String, Float> values) {}

    private static SequencedMap<String, Double> values(Map<String, Double> values) {
        return new LinkedHashMap<>(values);
    }

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }

    private List<Event> read() throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(onlyFile())).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (file.hasRemaining()) {
            byte[] length = bytes(file, 8);
            assertThat(file.getInt()).as("checksum of the length").isEqualTo(masked(length));
            byte[] data = bytes(file, (int)
                    ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
            assertThat(file.getInt()).as("checksum of the data").isEqualTo(masked(data));
            events.add(event(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN)));
        }
        return events;
    }

    private static Event event(ByteBuffer data) {
        double wallTime = 0;
        long step = 0;
        String version = "";
        Map<String, Float> values = Map.of();
        while (data.hasRemaining()) {
            int tag = (int) varint(data);
            switch (tag) {
                case DOUBLE_1 -> wallTime = data.getDouble();
                case VARINT_2 -> step = varint(data);
                case TEXT_3 -> version = new String(bytes(data, (int) varint(data)), StandardCharsets.UTF_8);
                case MESSAGE_5 -> values = summary(message(data));
                default -> throw new AssertionError("unexpected field " + tag);
            }
        }
        return new Event(wallTime, step, version, values);
    }

    private static Map<String, Float> summary(ByteBuffer data) {
        Map<String, Float> values = new LinkedHashMap<>();
        while (data.hasRemaining()) {
            assertThat(varint(data)).isEqualTo(MESSAGE_1);
            ByteBuffer value = message(data);
            assertThat(varint(value)).isEqualTo(MESSAGE_1);
            String name = new String(bytes(value, (int) varint(value)), StandardCharsets.UTF_8);
            assertThat(varint(value)).isEqualTo(FLOAT_2);
            values.put(name, value.getFloat());
            assertThat(value.hasRemaining()).isFalse();
        }
        return values;
    }

    private static ByteBuffer message(ByteBuffer data) {
        return ByteBuffer.wrap(bytes(data, (int) varint(data))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(ByteBuffer data, int count) {
        byte[] bytes = new byte[count];
        data.get(bytes);
        return bytes;
    }

    private static long varint(ByteBuffer data) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = data.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static int masked(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        int sum = (int) crc.getValue();
        return ((sum >>> 15) | (sum << 17)) + 0xa282ead8;
    }
}
