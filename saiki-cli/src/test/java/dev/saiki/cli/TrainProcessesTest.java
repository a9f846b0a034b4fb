package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A run in several processes of this machine, some of which are killed or stopped.
class TrainProcessesTest {

    private static final Duration LIMIT = Duration.ofMinutes(4);

    @TempDir
    Path folder = Path.of("");

    private Workbench bench = new Workbench(Path.of(""));

    @BeforeEach
    void prepare() {
        bench = Workbench.in(folder);
    }

    @Test
    void runOfWhichTwoRanksAreKilledEndsWithTheUndisturbedBits() throws IOException, InterruptedException {
        killedRanksChangeNothing(2, 60);
    }

    @Test
    @Tag("slow")
    void runOfWhichTwentyRanksAreKilledEndsWithTheUndisturbedBits() throws IOException, InterruptedException {
        killedRanksChangeNothing(20, 1200);
    }

    /// Each kill comes at a random moment after a state was saved: during a step, a save or a validation.
    private void killedRanksChangeNothing(int kills, int steps) throws IOException, InterruptedException {
        long seed = Long.getLong("saiki.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Path undisturbed = folder.resolve("undisturbed");
        CommandRun.of(arguments(steps, undisturbed).toArray()).succeeds();
        Path killed = folder.resolve("killed");
        Path log = folder.resolve("killed.log");
        try (TestProcess supervisor = start(killed, log, steps, "--processes", "2")) {
            for (int kill = 0; kill < kills; kill++) {
                long before = newestState(killed);
                await(() -> newestState(killed) > before && ranks(supervisor).size() == 2, supervisor, log);
                Thread.sleep(random.nextInt(300));
                List<ProcessHandle> ranks = ranks(supervisor);
                assertThat(ranks)
                        .as("the run must be long enough (seed %d)", seed)
                        .isNotEmpty();
                ProcessHandle victim = ranks.get(random.nextInt(ranks.size()));
                victim.destroyForcibly();
                victim.onExit().join();
            }
            awaitEnd(supervisor, killed);
            assertThat(supervisor.process().exitValue())
                    .as("seed %d: %s", seed, Files.readString(log))
                    .isZero();
        }
        assertThat(Files.readString(log).lines().filter(line -> line.contains("was ended by signal 9")))
                .as("seed %d", seed)
                .hasSize(kills);
        assertThat(Files.readAllBytes(killed.resolve("last/model.safetensors")))
                .as("seed %d", seed)
                .isEqualTo(Files.readAllBytes(undisturbed.resolve("last/model.safetensors")));
    }

    @Test
    void stoppedRankIsNamedAndAllEndWithinTheTimeoutAndFiveSeconds() throws IOException, InterruptedException {
        int timeout = 4;
        Path run = folder.resolve("run");
        Path log = folder.resolve("run.log");
        try (TestProcess supervisor = start(
                run,
                log,
                1_000_000,
                "--set",
                "parallelism.timeout_seconds=" + timeout,
                "--processes",
                "3",
                "--restarts",
                "0")) {
            await(() -> newestState(run) > 0, supervisor, log);
            List<ProcessHandle> ranks = ranks(supervisor);
            ProcessHandle victim = ranks.stream()
                    .filter(handle -> "1".equals(rankOf(handle)))
                    .findFirst()
                    .orElseThrow();
            TestProcess.run(LIMIT, List.of("kill", "-STOP", String.valueOf(victim.pid())));
            long start = System.nanoTime();
            assertThat(supervisor.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(timeout + 5));
            assertThat(ranks).noneMatch(ProcessHandle::isAlive);
            assertThat(supervisor.process().exitValue()).isEqualTo(1);
        }
        assertThat(Files.readString(log))
                .contains("rank 1 of 3 has ended or does not answer")
                .contains("giving up");
    }

    @Test
    void processesOfALauncherJoinByItsVariables() throws IOException, InterruptedException {
        Path alone = folder.resolve("alone");
        CommandRun.of(arguments(6, alone).toArray()).succeeds();
        Path run = folder.resolve("run");
        int port = freePort();
        List<TestProcess> ranks = new ArrayList<>();
        for (int rank = 0; rank < 2; rank++) {
            Map<String, String> variables = Map.of(
                    "MASTER_ADDR",
                    "localhost",
                    "MASTER_PORT",
                    String.valueOf(port),
                    "RANK",
                    String.valueOf(rank),
                    "WORLD_SIZE",
                    "2");
            Path log = folder.resolve("rank-" + rank + ".log");
            ranks.add(TestProcess.start(command(arguments(6, run)), builder -> {
                builder.environment().putAll(variables);
                builder.redirectErrorStream(true).redirectOutput(log.toFile());
            }));
        }
        for (int rank = 0; rank < 2; rank++) {
            Process process = ranks.get(rank).process();
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("rank-" + rank + ".log")))
                    .isZero();
        }
        assertThat(Files.readAllBytes(run.resolve("last/model.safetensors")))
                .isEqualTo(Files.readAllBytes(alone.resolve("last/model.safetensors")));
        assertThat(Files.readString(folder.resolve("rank-1.log"))).doesNotContain("step ");
    }

    @Test
    void wrongVariablesAndOptionsAreWrongUse() {
        Path run = folder.resolve("run");
        CommandRun missing = CommandRun.where(
                Map.of("WORLD_SIZE", "2", "RANK", "0"), arguments(6, run).toArray());
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).contains("MASTER_ADDR must be set if WORLD_SIZE is");
        CommandRun beyond = CommandRun.where(
                Map.of("WORLD_SIZE", "2", "RANK", "2"), arguments(6, run).toArray());
        assertThat(beyond.exitCode()).isEqualTo(2);
        assertThat(beyond.err()).contains("RANK must be a whole number from 0 to 1, got '2'");
        List<String> none = new ArrayList<>(arguments(6, run));
        none.addAll(List.of("--processes", "0"));
        CommandRun zero = CommandRun.of(none.toArray());
        assertThat(zero.exitCode()).isEqualTo(2);
        assertThat(zero.err()).contains("--processes must be at least 1");
    }

    /// Each rank computes four micro-batches one after another.
    @Test
    void gradientsAreExchangedWhileTheNextMicroBatchIsComputedAndTheOutcomeStandsAlone()
            throws IOException, InterruptedException {
        Path run = folder.resolve("run");
        TestProcess.Ended ended = recorded(run, "parallelism.fixed_order=true");
        JsonNode outcome = JsonMapper.shared().readTree(ended.output());
        assertThat(outcome.get("step").intValue()).isEqualTo(6);
        List<Recording> recordings = recordings();
        assertThat(recordings).hasSize(2);
        assertThat(recordings).extracting(Recording::rank).containsExactlyInAnyOrder(0, 1);
        // All but the last of the four exchanges in a step overlap with the next micro-batch.
        assertThat(recordings).extracting(Recording::exchanges).containsOnly(4L * 6);
        assertThat(recordings).extracting(Recording::overlapped).containsOnly(3L * 6);
    }

    /// The counts of the test above if nothing overlaps.
    @Test
    @Tag("slow")
    void gradientsThatAreAddedInAnyOrderAreExchangedWhenAllAreComputed() throws IOException, InterruptedException {
        recorded(folder.resolve("run"), "parallelism.fixed_order=false");
        List<Recording> recordings = recordings();
        assertThat(recordings).extracting(Recording::exchanges).containsExactly(6L, 6L);
        assertThat(recordings).extracting(Recording::overlapped).containsExactly(0L, 0L);
    }

    /// Trains in two processes, each of which writes a Flight Recorder recording.
    private TestProcess.Ended recorded(Path run, String override) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(command(arguments(6, run)));
        command.addAll(1, List.of("-XX:StartFlightRecording:filename=" + folder + "/%p.jfr", "-Xlog:jfr*=off"));
        command.addAll(List.of("--set", "batch.sequences=8", "--set", "parallelism.workers=1", "--set", override));
        command.addAll(List.of("--processes", "2", "--json"));
        Path errors = folder.resolve("errors");
        TestProcess.Ended ended = TestProcess.run(LIMIT, command, builder -> builder.redirectError(errors.toFile()));
        assertThat(ended.exitCode()).as(Files.readString(errors)).isZero();
        return ended;
    }

    /// The counts from the recording of a rank.
    ///
    /// @param rank the rank
    /// @param exchanges the number of exchanges of gradients
    /// @param overlapped the number of exchanges during which a backward pass began and ended
    private record Recording(int rank, long exchanges, long overlapped) {}

    /// The recordings of the ranks; the supervisor's recording contains no exchanges.
    private List<Recording> recordings() throws IOException {
        List<Recording> recordings = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    (Iterable<Path>) files.filter(name -> name.toString().endsWith(".jfr"))::iterator) {
                List<RecordedEvent> events = RecordingFile.readAllEvents(file);
                List<RecordedEvent> exchanges = named(events, "dev.saiki.GradientExchange");
                List<RecordedEvent> passes = named(events, "dev.saiki.BackwardPass");
                if (!exchanges.isEmpty()) {
                    recordings.add(new Recording(
                            exchanges.getFirst().getInt("rank"),
                            exchanges.size(),
                            exchanges.stream()
                                    .filter(exchange -> passes.stream().anyMatch(pass -> isDuring(pass, exchange)))
                                    .count()));
                }
            }
        }
        return recordings;
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }

    private static boolean isDuring(RecordedEvent pass, RecordedEvent exchange) {
        return pass.getStartTime().isAfter(exchange.getStartTime())
                && pass.getEndTime().isBefore(exchange.getEndTime());
    }

    private static int freePort() throws IOException {
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private List<String> arguments(int steps, Path run) {
        return List.of(
                "train",
                "--recipe",
                bench.recipe().toString(),
                "--set",
                "data.dataset=" + bench.data(),
                "schedule.steps=" + steps,
                "--out",
                run.toString());
    }

    private static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.saiki.cli.Main"));
        command.addAll(arguments);
        return command;
    }

    private TestProcess start(Path run, Path log, int steps, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(arguments(steps, run));
        arguments.addAll(List.of(more));
        return TestProcess.start(
                command(arguments), builder -> builder.redirectErrorStream(true).redirectOutput(log.toFile()));
    }

    /// The live processes of the run.
    private static List<ProcessHandle> ranks(TestProcess supervisor) {
        return supervisor
                .process()
                .descendants()
                .filter(handle -> handle.isAlive() && !rankOf(handle).isEmpty())
                .toList();
    }

    private static String rankOf(ProcessHandle handle) {
        try {
            return Stream.of(Files.readString(Path.of("/proc/" + handle.pid() + "/environ"))
                            .split("\0"))
                    .filter(variable -> variable.startsWith("RANK="))
                    .map(variable -> variable.substring("RANK=".length()))
                    .findFirst()
                    .orElse("");
        } catch (IOException ended) {
            return "";
        }
    }

    private static long newestState(Path run) {
        try (Stream<Path> children = Files.exists(run) ? Files.list(run) : Stream.empty()) {
            return children.map(child -> String.valueOf(child.getFileName()))
                    .filter(name -> name.matches("step-\\d+"))
                    .mapToLong(name -> Long.parseLong(name.substring("step-".length())))
                    .max()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /// Waits for the end of the run, as long as the run keeps saving states.
    private static void awaitEnd(TestProcess supervisor, Path run) throws InterruptedException {
        long seen = newestState(run);
        while (!supervisor.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            assertThat(newestState(run)).as("the newest state").isGreaterThan(seen);
            seen = newestState(run);
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition, TestProcess process, Path log)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertThat(process.process().isAlive() && System.nanoTime() < end)
                    .as("the run goes on: %s", Files.readString(log))
                    .isTrue();
            Thread.sleep(20);
        }
    }
}
