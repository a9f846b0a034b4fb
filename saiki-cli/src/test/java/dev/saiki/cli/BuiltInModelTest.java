package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The model that commands use if none is named.
class BuiltInModelTest {

    private static final Path FILES = Path.of("src/main/resources/dev/saiki/cli/model/built_in");
    private static final String CARD = "README.md";
    private static final String LIST = "checksums.txt";
    private static final long MOST_BYTES = 10_000_000;

    @TempDir
    private Path folder = Path.of("");

    private CommandRun run(Object... words) {
        return CommandRun.where(Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString()), words)
                .succeeds();
    }

    private CommandRun generate(Object... more) {
        List<Object> words = new ArrayList<>(List.of("generate", "--max-tokens", 8));
        words.addAll(List.of(more));
        return run(words.toArray());
    }

    /// The only folder in the cache.
    private Path unpacked() throws IOException {
        try (Stream<Path> models = Files.list(folder.resolve("cache").resolve("saiki"))) {
            List<Path> found = models.toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /// After a change of the model, this test prints the new list.
    @Test
    void theListNamesEveryFileWithItsChecksum() throws IOException {
        Map<String, String> lines = new TreeMap<>();
        for (String name : names(FILES)) {
            if (!List.of(CARD, LIST).contains(name)) {
                CRC32 digest = new CRC32();
                digest.update(Files.readAllBytes(FILES.resolve(name)));
                lines.put(name, HexFormat.of().toHexDigits((int) digest.getValue()) + "  " + name + "\n");
            }
        }
        assertThat(FILES.resolve(LIST)).hasContent(String.join("", lines.values()));
        assertThat(lines).containsKeys("config.json", "model.safetensors", "tokenizer.json", "manifest.json");
        assertThat(Files.size(FILES.resolve("model.safetensors"))).isLessThanOrEqualTo(MOST_BYTES);
        assertThat(FILES.resolve(CARD)).isRegularFile();
        assertThat(FILES.resolve("manifest.json"))
                .as("it names no folder of the machine that trained it")
                .content()
                .doesNotContain("dataset: /");
    }

    @Test
    void withoutAModelTheBuiltInOneIsTakenAndNamed() throws IOException {
        CommandRun run = generate();
        assertThat(run.err().lines())
                .satisfiesExactly(
                        which -> assertThat(which).contains("the built-in model", "--model DIR selects another"),
                        story -> assertThat(story).contains("the default: a story"),
                        once -> assertThat(once).startsWith("effort 0: one pass"),
                        twice -> assertThat(twice).startsWith("effort 0.5: a second pass"));
        List<String> texts = run.out().lines().toList();
        assertThat(texts.getFirst()).startsWith("Once upon a time").hasSizeGreaterThan("Once upon a time".length());
        assertThat(texts.subList(texts.size() - 2, texts.size()))
                .satisfiesExactly(
                        once -> assertThat(once)
                                .contains(" Where is the ball? Under cup")
                                .doesNotEndWith(" cup e"),
                        twice -> assertThat(twice).endsWith(" Where is the ball? Under cup e"));
        assertThat(generate("--effort", 1).err()).hasLineCount(1);
        assertThat(generate("--prompt", "Once").out()).startsWith("Once").hasLineCount(1);
        assertThat(names(unpacked())).contains("model.safetensors").doesNotContain(CARD, LIST);
        CommandRun named = generate("--model", "built_in");
        assertThat(named.err()).hasLineCount(3);
        assertThat(named.out()).isEqualTo(run.out());
        assertThat(run("describe", "--model", "built_in").out()).contains("vocabulary");
        assertThat(run("eval", "score", "--text", "Once upon a time", "--json").out())
                .contains("\"depth\"");
    }

    @Test
    void aSecondUseWritesNothing() throws IOException {
        generate();
        Path weights = unpacked().resolve("model.safetensors");
        FileTime longAgo = FileTime.fromMillis(0);
        Files.setLastModifiedTime(weights, longAgo);
        generate();
        assertThat(Files.getLastModifiedTime(weights)).isEqualTo(longAgo);
    }

    @Test
    void whatIsDamagedInTheCacheIsWrittenAnew() throws IOException {
        String text = generate().out();
        Path weights = unpacked().resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length / 2] ^= 64;
        Files.write(weights, bytes);
        Files.writeString(unpacked().resolve("config.json"), "");
        Files.delete(unpacked().resolve("tokenizer.json"));
        assertThat(generate().out()).isEqualTo(text);
        for (String name : names(unpacked())) {
            assertThat(unpacked().resolve(name)).hasSameBinaryContentAs(FILES.resolve(name));
        }
    }

    @Test
    void severalMayUnpackItAtOnce() throws Exception {
        List<Future<CommandRun>> runs = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                runs.add(threads.submit(() -> run("describe", "--model", "built_in")));
            }
        }
        for (Future<CommandRun> run : runs) {
            assertThat(run.get().out()).isEqualTo(runs.getFirst().get().out());
        }
        assertThat(names(unpacked())).noneMatch(name -> name.endsWith(".tmp"));
    }

    private List<String> command(Path temporary, String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.saiki.cli.Main"));
        command.addAll(List.of(words));
        return command;
    }

    /// Runs the command in a folder outside of the project.
    private TestProcess.Ended elsewhere(Path cache, Path temporary, String... words)
            throws IOException, InterruptedException {
        return TestProcess.run(Duration.ofSeconds(60), command(temporary, words), builder -> {
            builder.directory(folder.toFile()).redirectErrorStream(true);
            builder.environment().put("XDG_CACHE_HOME", cache.toString());
        });
    }

    /// No user, not even root, can create a folder below a file.
    @Test
    @Timeout(120)
    void whereNoCacheCanBeWrittenATemporaryFolderDoes() throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        TestProcess.Ended ended = elsewhere(file, temporary, "generate", "--max-tokens", "4");
        assertThat(ended.output()).contains("Once upon a time");
        assertThat(ended.exitCode()).isZero();
        assertThat(names(temporary)).noneMatch(name -> name.startsWith("saiki-"));
        TestProcess.Ended refused = elsewhere(file, file, "generate");
        assertThat(refused.output())
                .contains(
                        "saiki: the built-in model cannot be unpacked: neither " + file.resolve("saiki"),
                        "XDG_CACHE_HOME",
                        "--model DIR");
        assertThat(refused.exitCode()).isEqualTo(2);
    }

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aServerWithoutAModelHasTheBuiltInOne() throws IOException, InterruptedException {
        List<String> serve = command(folder, "serve", "--port", "0", "--warm-up-seconds", "0");
        try (TestProcess server = TestProcess.start(serve, builder -> {
                    builder.directory(folder.toFile());
                    builder.environment()
                            .put("XDG_CACHE_HOME", folder.resolve("cache").toString());
                });
                HttpClient client = HttpClient.newHttpClient()) {
            BufferedReader said = server.process().errorReader();
            assertThat(said.readLine()).contains("the built-in model");
            String serving = Objects.requireNonNull(said.readLine());
            assertThat(serving).startsWith("serving built_in at http://");
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(serving.replaceFirst(".* at (.*), pages.*", "$1") + "/completions"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"Once upon\", \"max_tokens\": 4}"))
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("\"model\":\"built_in\"");
        }
    }

    @Test
    void aConversationWithItHasATemplate() {
        CommandRun run = run("chat", "--max-tokens", 4);
        assertThat(run.err()).contains("This is the built-in model, with ").doesNotContain("no chat template");
    }

    @Test
    void aFolderOfTheSameNameHasItsPath() {
        CommandRun.of("generate", "--model", "./built_in").isRefused("./built_in: no such folder");
    }
}
