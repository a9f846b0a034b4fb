package dev.saiki.train.metrics;

import dev.saiki.io.InputException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The append-only file `metrics.jsonl`: one JSON object per logged step.
///
/// Every line reaches the operating system before {@link #append} returns, so that a killed process loses at most
/// the line it was writing. {@link #force} makes the lines survive a power cut too; it is called before a state is
/// saved. When a run resumes at step n, the lines after n and a truncated last line are removed, because the run
/// writes these steps again: no step appears twice.
public final class MetricsLog implements AutoCloseable {

    /// The file's name in the folder of a run.
    public static final String FILE_NAME = "metrics.jsonl";

    private static final String STEP = "step";
    private static final String WALL_TIME = "wall_time";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final FileChannel channel;

    private MetricsLog(FileChannel channel) {
        this.channel = channel;
    }

    /// Opens the log of a run that starts or resumes after a step.
    ///
    /// @param file the file, created if it does not exist
    /// @param step the number of steps already taken; lines of later steps are removed. -1 for a new run, whose
    ///     log may get a line of step 0
    /// @return the open log
    /// @throws InputException if the file is not a metrics log
    /// @throws IOException if the file cannot be read or written
    public static MetricsLog open(Path file, long step) throws IOException {
        long keep = Files.exists(file) ? lengthUpTo(file, step) : 0;
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.truncate(keep);
        channel.position(keep);
        return new MetricsLog(channel);
    }

    /// Reads all complete lines of a log.
    ///
    /// @param file the file
    /// @return the lines in order; empty if there is no such file
    /// @throws InputException if the file is not a metrics log
    /// @throws IOException if the file cannot be read
    public static List<MetricsLine> read(Path file) throws IOException {
        List<MetricsLine> lines = new ArrayList<>();
        if (Files.exists(file)) {
            try (InputStream input = new BufferedInputStream(Files.newInputStream(file))) {
                for (byte[] line = completeLine(input); line.length > 0; line = completeLine(input)) {
                    lines.add(parse(line, file));
                }
            }
        }
        return lines;
    }

    /// Writes one line.
    ///
    /// @param line the metrics of a step
    /// @throws IOException if writing fails; a partly written line is removed
    public void append(MetricsLine line) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put(STEP, line.step());
        node.put(WALL_TIME, line.wallTime());
        for (Map.Entry<String, Double> entry : line.values().entrySet()) {
            putNumber(node, entry.getKey(), entry.getValue());
        }
        ByteBuffer bytes = ByteBuffer.wrap((node + "\n").getBytes(StandardCharsets.UTF_8));
        long start = channel.position();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            channel.truncate(start);
            throw e;
        }
    }

    /// Flushes appended lines to disk.
    ///
    /// @throws IOException if writing to disk fails
    public void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /// Writes integer values without a fraction.
    private static void putNumber(ObjectNode node, String name, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            node.put(name, (long) value);
        } else {
            node.put(name, value);
        }
    }

    private static long lengthUpTo(Path file, long step) throws IOException {
        long length = 0;
        try (InputStream input = new BufferedInputStream(Files.newInputStream(file))) {
            for (byte[] line = completeLine(input); line.length > 0; line = completeLine(input)) {
                if (parse(line, file).step() > step) {
                    break;
                }
                length += line.length;
            }
        }
        return length;
    }

    /// Reads up to and including the next line feed; empty at the end of the file, and for a truncated last line.
    private static byte[] completeLine(InputStream input) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (int b = input.read(); b >= 0; b = input.read()) {
            line.write(b);
            if (b == '\n') {
                return line.toByteArray();
            }
        }
        return new byte[0];
    }

    private static MetricsLine parse(byte[] line, Path file) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JacksonException e) {
            throw notALog(file, line, e);
        }
        if (!node.isObject()
                || !node.path(STEP).isIntegralNumber()
                || !node.path(WALL_TIME).isNumber()) {
            throw notALog(file, line, null);
        }
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getKey().equals(STEP) && !property.getKey().equals(WALL_TIME)) {
                values.put(property.getKey(), property.getValue().asDouble(Double.NaN));
            }
        }
        return new MetricsLine(node.path(STEP).longValue(), node.path(WALL_TIME).doubleValue(), values);
    }

    private static InputException notALog(Path file, byte[] line, @Nullable Throwable cause) {
        String start = new String(line, StandardCharsets.UTF_8).strip();
        String message = file + ": a line must be a JSON object with \"step\" and \"wall_time\", got "
                + start.substring(0, Math.min(80, start.length()));
        return cause == null ? new InputException(message) : new InputException(message, cause);
    }
}
