package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.FaultyNetwork;
import dev.saiki.testkit.S3Server;
import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands whose corpora, datasets, runs, studies and models are in object storage. Each command is a process of its
/// own; two of them with different caches stand for two machines.
@Tag("slow")
class ObjectStorageTest {

    private static final Duration LIMIT = Duration.ofMinutes(6);

    private static final String MANIFEST = "run/saiki-folder.txt";
    private static final int MOST_LOOKS = 1800;

    @TempDir
    Path folder = Path.of("");

    private Workbench bench = new Workbench(Path.of(""));
    private S3Server server;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void start() throws IOException, InterruptedException {
        bench = Workbench.in(folder.resolve("local"));
        server = S3Server.start(folder.resolve("objects"));
        try (Stream<Path> texts = Files.list(bench.corpus())) {
            for (Path text : (Iterable<Path>) texts::iterator) {
                server.put("texts/" + text.getFileName(), Files.readAllBytes(text));
            }
        }
    }

    @AfterEach
    void nothingShowsACredential() throws IOException {
        server.close();
        assertThat(String.join("\n", said)).doesNotContain(S3Server.SECRET_KEY);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(S3Server.SECRET_KEY);
            }
        }
    }

    @Test
    void aRunThatIsKilledGoesOnElsewhereAndIsServed() throws IOException, InterruptedException {
        prepare(server.endpoint());
        kill(train(server.endpoint(), "one", "schedule.steps=2000"));
        // The number of steps must equal that of the first start. A run that was stopped between steps is
        // served like any other.
        TestProcess stopped = train(server.endpoint(), "two", "schedule.steps=2000", "--resume");
        awaitAndStop(stopped);
        succeeds("three", "eval", "score", "--model", "s3://models/run", "--ids", "1,2,3", "--json");
        try (TestProcess serving = start(
                        server.endpoint(),
                        "three",
                        "serve",
                        "--model",
                        "s3://models/run",
                        "--port",
                        "0",
                        "--warm-up-seconds",
                        "0");
                BufferedReader err = serving.process().errorReader()) {
            String line = lineWith(err, "serving run at ");
            URI base = URI.create(line.replaceFirst("serving run at (http\\S+)/v1.*", "$1"));
            assertThat(completion(base)).contains("\"model\":\"run\"");
            awaitAndStop(train(server.endpoint(), "two", "schedule.steps=2000", "--resume"));
            TestProcess.run(
                    Duration.ofSeconds(10),
                    List.of("kill", "-HUP", Long.toString(serving.process().pid())));
            assertThat(lineWith(err, "reloaded: ")).contains("run is served");
            assertThat(completion(base)).contains("\"model\":\"run\"");
        }
    }

    @Test
    void aRunThatIsKilledEndsWithTheBitsOfOneThatIsNot() throws IOException, InterruptedException {
        prepare(server.endpoint());
        succeeds(trainCommand("one", "s3://models/undisturbed", "schedule.steps=200"));
        kill(train(server.endpoint(), "one", "schedule.steps=200"));
        succeeds(trainCommand("two", "s3://models/run", "schedule.steps=200", "--resume"));
        assertThat(succeeds("one", "eval", "score", "--model", "s3://models/run", "--ids", "1,2,3", "--json"))
                .isEqualTo(succeeds(
                        "one", "eval", "score", "--model", "s3://models/undisturbed", "--ids", "1,2,3", "--json"));
    }

    @Test
    void ofTwoRunsInOnePlaceOneIsRefused() throws IOException, InterruptedException {
        prepare(server.endpoint());
        try (TestProcess _ = train(server.endpoint(), "one", "schedule.steps=1000000")) {
            awaitState("");
            TestProcess.Ended second =
                    run(server.endpoint(), trainCommand("two", "s3://models/run", "schedule.steps=10", "--resume"));
            assertThat(second.exitCode()).as(second.output()).isEqualTo(2);
            assertThat(second.output()).contains("saiki: s3://models/run: another run is writing here, process ");
        }
    }

    @Test
    void aStudyIsMadeAndGoneOnWithInOneBucket() throws IOException, InterruptedException {
        String lines = IntStream.range(0, 240)
                .mapToObj(day -> "On day " + day + " the captain saw " + day * day + " whales.\n")
                .collect(Collectors.joining());
        server.put("lines/text.txt", lines.getBytes(StandardCharsets.UTF_8));
        Path plan = folder.resolve("plan.yaml");
        Workbench.write(folder.resolve("recipe.yaml"), Workbench.RECIPE);
        Workbench.write(plan, """
            name: two learning rates
            data: {corpus: ["s3://models/lines"], piece_characters: 300, vocab_size: 280, validation_fraction: 0.3}
            sizes: {one: {}}
            families:
              slow: {recipe: recipe.yaml, learning_rate: 1e-4}
              fast: {recipe: recipe.yaml, learning_rate: 1e-2}
            budgets: [3e7]
            seeds: [0]
            evaluation: {rows: 10, resamples: 100}
            """);
        succeeds("one", "study", "--plan", plan.toString(), "--out", "s3://models/study");
        String again = succeeds("two", "study", "--plan", plan.toString(), "--out", "s3://models/study", "--json");
        assertThat(again).contains("\"fast\"");
        assertThat(said.getLast()).doesNotContain("step ");
    }

    @Test
    void aNetworkThatDropsDelaysAndRefusesChangesNothing() throws IOException, InterruptedException {
        try (FaultyNetwork network = FaultyNetwork.before(server.port(), 0.25, Duration.ofMillis(500), 5)) {
            prepare(network.endpoint());
            TestProcess.Ended run =
                    run(network.endpoint(), trainCommand("one", "s3://models/run", "schedule.steps=200"));
            assertThat(run.exitCode()).as(run.output()).isZero();
            assertThat(network.numFaults()).isPositive();
        }
        succeeds(trainCommand("two", "s3://models/undisturbed", "schedule.steps=200"));
        assertThat(succeeds("three", "eval", "score", "--model", "s3://models/run", "--ids", "1,2,3", "--json"))
                .isEqualTo(succeeds(
                        "three", "eval", "score", "--model", "s3://models/undisturbed", "--ids", "1,2,3", "--json"));
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws IOException, InterruptedException {
        assertThat(refused("describe", "--model", "s3://models/none"))
                .isEqualTo("saiki: s3://models/none: no such file or folder in this bucket");
        assertThat(refused("describe", "--model", "s3://no-such-bucket/none"))
                .isEqualTo("saiki: s3://no-such-bucket: no such bucket at this endpoint");
        assertThat(refused(
                        "train",
                        "init",
                        "--recipe",
                        bench.recipe().toString(),
                        "--seed",
                        "1",
                        "--out",
                        "s3://models/texts"))
                .startsWith("saiki: s3://models/texts: must be empty, or a folder that Saiki published");
    }

    /// Trains a tokenizer and prepares a dataset, both in the bucket.
    private void prepare(String endpoint) throws IOException, InterruptedException {
        for (List<String> arguments : List.of(
                List.of(
                        "tokenizer",
                        "train",
                        "--corpus",
                        "s3://models/texts",
                        "--vocab-size",
                        "280",
                        "--out",
                        "s3://models/tokenizer.json"),
                List.of(
                        "data",
                        "prepare",
                        "--corpus",
                        "s3://models/texts/*.txt",
                        "--tokenizer",
                        "s3://models/tokenizer.json",
                        "--out",
                        "s3://models/data",
                        "--validation-fraction",
                        "0.3"))) {
            TestProcess.Ended ended = run(endpoint, new Command("one", arguments));
            assertThat(ended.exitCode()).as(ended.output()).isZero();
            assertThat(ended.output()).contains("published  s3://models/");
        }
    }

    /// A command on one of the machines.
    private record Command(String machine, List<String> arguments) {}

    private Command trainCommand(String machine, String out, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--recipe",
                bench.recipe().toString(),
                "--out",
                out,
                "--set",
                "data.dataset=s3://models/data",
                "checkpoint.every_steps=20",
                "metrics.validate_every=100"));
        arguments.addAll(List.of(settings));
        return new Command(machine, arguments);
    }

    private TestProcess train(String endpoint, String machine, String... settings) throws IOException {
        return start(endpoint, trainCommand(machine, "s3://models/run", settings));
    }

    private TestProcess start(String endpoint, String machine, String... arguments) throws IOException {
        return start(endpoint, new Command(machine, List.of(arguments)));
    }

    private TestProcess start(String endpoint, Command command) throws IOException {
        return TestProcess.start(
                line(command), builder -> builder.environment().putAll(environment(endpoint, command)));
    }

    private TestProcess.Ended run(String endpoint, Command command) throws IOException, InterruptedException {
        TestProcess.Ended ended = TestProcess.run(LIMIT, line(command), builder -> {
            builder.environment().putAll(environment(endpoint, command));
            builder.redirectErrorStream(true);
        });
        said.add(ended.output());
        return ended;
    }

    private Map<String, String> environment(String endpoint, Command command) {
        Map<String, String> environment =
                new HashMap<>(S3Server.environment(endpoint, folder.resolve(command.machine())));
        environment.put("SAIKI_PUBLISH_SECONDS", "1");
        return environment;
    }

    private static List<String> line(Command command) {
        return Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.saiki.cli.Main"),
                        command.arguments().stream())
                .toList();
    }

    private String succeeds(String machine, String... arguments) throws IOException, InterruptedException {
        return succeeds(new Command(machine, List.of(arguments)));
    }

    private String succeeds(Command command) throws IOException, InterruptedException {
        TestProcess.Ended ended = run(server.endpoint(), command);
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return ended.output();
    }

    private String refused(String... arguments) throws IOException, InterruptedException {
        TestProcess.Ended ended = run(server.endpoint(), new Command("one", List.of(arguments)));
        assertThat(ended.exitCode()).as(ended.output()).isEqualTo(2);
        return ended.output().strip();
    }

    /// Sends SIGKILL once the process has published a state.
    private void kill(TestProcess process) throws IOException, InterruptedException {
        try (process) {
            awaitState("");
            process.process().destroyForcibly().waitFor();
        }
    }

    /// Sends SIGTERM once the process has published a state of its own, and waits for its end.
    private void awaitAndStop(TestProcess process) throws IOException, InterruptedException {
        try (process;
                BufferedReader err = process.process().errorReader()) {
            awaitState(server.get(MANIFEST).orElse(""));
            process.process().toHandle().destroy();
            List<String> rest = err.lines().toList();
            said.addAll(rest);
            assertThat(process.process().waitFor()).as(String.join("\n", rest)).isEqualTo(ServeProcess.TERMINATED);
            assertThat(rest).anyMatch(line -> line.startsWith("published  s3://models/run: "));
        }
    }

    /// Waits until the run has published a resumable state and a new list of files.
    ///
    /// @param before the old list of files
    /// @return the new list of files
    private String awaitState(String before) throws IOException, InterruptedException {
        for (int look = 0; look < MOST_LOOKS; look++) {
            String list = server.get(MANIFEST).orElse("");
            if (list.contains("/state.json\n") && !list.equals(before)) {
                return list;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("no state was published: " + server.get(MANIFEST));
    }

    private String lineWith(BufferedReader err, String beginning) throws IOException {
        while (true) {
            String line = err.readLine();
            assertThat(line).as("it ended early: %s", said).isNotNull();
            said.add(line);
            if (line.startsWith(beginning)) {
                return line;
            }
        }
    }

    private static String completion(URI base) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(base.resolve("/v1/completions"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\":\"the whale\",\"max_tokens\":3}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return answer.body();
        }
    }
}
