package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// llama.cpp as a reference: the program at the path in LLAMA_ORACLE, which `saiki-cli/src/test/llama/build.sh`
/// builds.
///
/// @param folder the folder for input and output files
record LlamaCpp(Path folder) {

    private static final String VARIABLE = "LLAMA_ORACLE";
    private static final Path CONVERTER = Path.of("src", "test", "llama", "convert.py");

    private static String program() {
        return Optional.ofNullable(System.getenv(VARIABLE))
                .orElseThrow(() -> new IllegalStateException(
                        VARIABLE + " must name the program that saiki-cli/src/test/llama/build.sh makes"));
    }

    private static void run(Stream<Object> words) {
        List<String> command = words.map(String::valueOf).toList();
        try {
            TestProcess.Ended oracle = TestProcess.run(Duration.ofMinutes(10), command);
            assertThat(oracle.exitCode()).as("%s%n%s", command, oracle.output()).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void ask(Object... words) {
        run(Stream.concat(Stream.of(program()), Arrays.stream(words)));
    }

    /// The logits of every position.
    float[] logits(Path gguf, int[] ids) throws IOException {
        ask("logits", gguf, written(ids), folder.resolve("logits"));
        return floats(folder.resolve("logits"));
    }

    /// The logits of every position if each layer sees only a window of positions, which includes the current
    /// one.
    float[] logitsInWindow(Path gguf, int[] ids, int size) throws IOException {
        ask("window", gguf, written(ids), folder.resolve("logits"), size);
        return floats(folder.resolve("logits"));
    }

    /// Rewrites a file with another number format for its matrices.
    void quantize(Path gguf, Path out, String type) {
        ask("quantize", gguf, out, type);
    }

    /// The numbers of one tensor, converted to float32.
    float[] widened(Path gguf, String tensor) throws IOException {
        ask("widen", gguf, tensor, folder.resolve("wide"));
        return floats(folder.resolve("wide"));
    }

    /// The token ids of texts.
    List<int[]> tokens(Path gguf, List<String> texts) throws IOException {
        Files.writeString(folder.resolve("texts"), String.join("\0", texts) + "\0");
        ask("tokens", gguf, folder.resolve("texts"), folder.resolve("tokens"));
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(folder.resolve("tokens"))).order(ByteOrder.LITTLE_ENDIAN);
        List<int[]> all = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int[] ids = new int[bytes.getInt()];
            bytes.asIntBuffer().get(ids);
            bytes.position(bytes.position() + ids.length * Integer.BYTES);
            all.add(ids);
        }
        return all;
    }

    /// Converts a Hugging Face folder with llama.cpp's own converter.
    void convert(Path model, Path out) {
        run(Stream.of("/usr/bin/python3", CONVERTER, Path.of(program()).resolveSibling("source"), model, out));
    }

    /// Starts a minimal endpoint with OpenAI's completions API.
    static TestProcess endpoint(Path gguf) throws IOException {
        return TestProcess.start(
                List.of(Path.of(program()).resolveSibling("llama-endpoint").toString(), gguf.toString()));
    }

    private Path written(int[] ids) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(ids.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ids);
        return Files.write(folder.resolve("ids"), bytes.array());
    }

    private static float[] floats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(numbers);
        return numbers;
    }
}
