package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.Sha256;
import dev.saiki.testkit.FaultyNetwork;
import dev.saiki.testkit.S3Server;
import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run of four processes that share nothing but a bucket.
///
/// Each process has namespaces of its own, so it sees neither the others' disk nor their process ids, as on another
/// machine; where this system forbids that, it only has a folder of its own. Its disk is lost when it ends. As on a
/// cluster, all processes start anew when one has failed.
class TrainHostsTest {

    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int HOSTS = 4;
    private static final String MANIFEST = "run/saiki-folder.txt";
    private static final String LARGE = "64m";

    /// A program that runs another in new namespaces.
    private static final List<String> UNSHARE =
            List.of("unshare", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child");

    private static boolean isolates;

    @TempDir
    Path folder = Path.of("");

    private final long seed = Long.getLong("saiki.test.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private Workbench bench = new Workbench(Path.of(""));
    private S3Server server;
    private int starts;

    @BeforeAll
    static void tryNamespaces() throws IOException, InterruptedException {
        String attempt = String.join(" ", inNamespaces(List.of("mount", "-t", "tmpfs", "none", "/mnt")));
        isolates = TestProcess.run(LIMIT, List.of("sh", "-c", attempt)).exitCode() == 0;
    }

    private static List<String> inNamespaces(List<String> command) {
        return Stream.concat(UNSHARE.stream(), command.stream()).toList();
    }

    @BeforeEach
    void start() throws IOException, InterruptedException {
        bench = Workbench.in(folder.resolve("local"));
        server = S3Server.start(folder.resolve("objects"));
        Path data = bench.data();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                server.put("data/" + data.relativize(file), Files.readAllBytes(file));
            }
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void runThatLosesTwoHostsEndsWithTheUndisturbedBits() throws IOException, InterruptedException {
        lostHostsChangeNothing(2, 400);
    }

    @Test
    @Tag("slow")
    void runThatLosesTwentyHostsEndsWithTheUndisturbedBits() throws IOException, InterruptedException {
        lostHostsChangeNothing(20, 3000);
    }

    private void lostHostsChangeNothing(int kills, int steps) throws IOException, InterruptedException {
        for (int kill = 0; kill < kills; kill++) {
            try (Cluster cluster = start(server.endpoint(), steps, rank -> LARGE)) {
                cluster.awaitPublication();
                Thread.sleep(random.nextInt(1500));
                cluster.hosts.get(random.nextInt(HOSTS)).process().destroyForcibly();
                assertThat(cluster.exitCodes()).as("%s", cluster).doesNotContain(0);
            }
        }
        finishes(server.endpoint(), steps);
    }

    @Test
    @Tag("slow")
    void fullDiskOfOneHostEndsTheRunWithAMessageAndLosesNothing() throws IOException, InterruptedException {
        assumeTrue(isolates, "a folder has no size limit");
        for (int full : new int[] {0, 2}) {
            try (Cluster cluster = start(server.endpoint(), 100, rank -> rank == full ? "200k" : LARGE)) {
                assertThat(cluster.exitCodes()).as("%s", cluster).doesNotContain(0);
                assertThat(cluster.log(full)).contains("No space left on device");
            }
        }
        finishes(server.endpoint(), 100);
    }

    @Test
    @Tag("slow")
    void firstHostThatWasPausedPublishesNothingAfterItsRunWentOnElsewhere() throws IOException, InterruptedException {
        int steps = 400;
        try (Cluster paused = start(server.endpoint(), steps, rank -> LARGE)) {
            paused.awaitPublication();
            ProcessHandle first = paused.java(0);
            signal("STOP", first);
            for (int rank = 1; rank < HOSTS; rank++) {
                assertThat(exitCode(paused.hosts.get(rank))).as("%s", paused).isNotZero();
            }
            try (Cluster second = start(server.endpoint(), steps, rank -> LARGE)) {
                second.awaitPublication();
                signal("CONT", first);
                assertThat(exitCode(paused.hosts.getFirst())).as("%s", paused).isNotZero();
                assertThat(second.exitCodes()).as("%s", second).containsOnly(0);
            }
        }
        sameBits(steps);
    }

    @Test
    @Tag("slow")
    void storageSlowerThanTheTimeLimitOfRanksHarmsNothing() throws IOException, InterruptedException {
        try (FaultyNetwork network = FaultyNetwork.before(server.port(), 0.3, Duration.ofSeconds(6), 5)) {
            finishes(network.endpoint(), 100);
            assertThat(network.numFaults()).isPositive();
        }
    }

    private void finishes(String endpoint, int steps) throws IOException, InterruptedException {
        try (Cluster cluster = start(endpoint, steps, rank -> LARGE)) {
            assertThat(cluster.exitCodes()).as("%s", cluster).containsOnly(0);
        }
        sameBits(steps);
    }

    /// Compares the published model with that of one undisturbed process.
    private void sameBits(int steps) throws IOException, InterruptedException {
        Path undisturbed = folder.resolve("undisturbed-" + starts);
        List<String> arguments = arguments(steps, undisturbed.toString());
        arguments.set(arguments.indexOf("data.dataset=s3://models/data"), "data.dataset=" + bench.data());
        CommandRun.of(arguments.toArray()).succeeds();
        assertThat(server.get(MANIFEST).orElseThrow())
                .as("seed %d", seed)
                .contains(Sha256.hex(undisturbed.resolve("last/model.safetensors")));
    }

    private interface DiskSizes {
        String of(int rank);
    }

    private Cluster start(String endpoint, int steps, DiskSizes sizes) throws IOException, InterruptedException {
        starts++;
        int port = freePort();
        List<TestProcess> hosts = new ArrayList<>();
        List<Path> logs = new ArrayList<>();
        String published = server.get(MANIFEST).orElse("");
        for (int rank = 0; rank < HOSTS; rank++) {
            Path disk = folder.resolve("disk-" + rank);
            AtomicFiles.deleteRecursively(disk);
            Files.createDirectories(disk);
            Map<String, String> variables = new HashMap<>(S3Server.environment(endpoint, disk));
            variables.putAll(Map.of(
                    "MASTER_ADDR",
                    "localhost",
                    "MASTER_PORT",
                    String.valueOf(port),
                    "RANK",
                    String.valueOf(rank),
                    "WORLD_SIZE",
                    String.valueOf(HOSTS)));
            variables.putAll(Map.of("OMP_NUM_THREADS", "1", "SAIKI_PUBLISH_SECONDS", "1", "SAIKI_LEASE_SECONDS", "3"));
            Path log = folder.resolve("start-" + starts + "-rank-" + rank + ".log");
            logs.add(log);
            hosts.add(TestProcess.start(command(disk, sizes.of(rank), steps), builder -> {
                builder.environment().putAll(variables);
                builder.redirectErrorStream(true).redirectOutput(log.toFile());
            }));
        }
        return new Cluster(hosts, logs, published);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private List<String> command(Path disk, String size, int steps) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.saiki.cli.Main"));
        command.addAll(arguments(steps, "s3://models/run"));
        if (!isolates) {
            return command;
        }
        command.addAll(
                0,
                List.of(
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=$1 none \"$2\" && shift 2 && exec \"$@\"",
                        "sh",
                        size,
                        disk.toString()));
        return inNamespaces(command);
    }

    private List<String> arguments(int steps, String out) {
        return new ArrayList<>(List.of(
                "train",
                "--recipe",
                bench.recipe().toString(),
                "--out",
                out,
                "--resume-if-any",
                "--set",
                "data.dataset=s3://models/data",
                "batch.sequences=4",
                "checkpoint.every_steps=20",
                "checkpoint.keep_last=2",
                "metrics.validate_every=100",
                "parallelism.timeout_seconds=4",
                "schedule.steps=" + steps));
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        TestProcess.run(LIMIT, List.of("kill", "-" + name, String.valueOf(process.pid())));
    }

    private static int exitCode(TestProcess host) throws InterruptedException {
        assertThat(host.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("it ends")
                .isTrue();
        return host.process().exitValue();
    }

    /// The processes of one start of the run.
    private final class Cluster implements AutoCloseable {

        private final List<TestProcess> hosts;
        private final List<Path> logs;
        private final String before;

        Cluster(List<TestProcess> hosts, List<Path> logs, String before) {
            this.hosts = hosts;
            this.logs = logs;
            this.before = before;
        }

        /// Waits until this start has published a state.
        void awaitPublication() throws IOException, InterruptedException {
            long end = System.nanoTime() + LIMIT.toNanos();
            while (true) {
                String now = server.get(MANIFEST).orElse("");
                if (now.contains("/state.json\n") && !now.equals(before)) {
                    return;
                }
                assertThat(System.nanoTime() < end && hosts.getFirst().process().isAlive())
                        .as("%s", this)
                        .isTrue();
                Thread.sleep(50);
            }
        }

        List<Integer> exitCodes() throws InterruptedException {
            List<Integer> codes = new ArrayList<>();
            for (TestProcess host : hosts) {
                codes.add(exitCode(host));
            }
            return codes;
        }

        ProcessHandle java(int rank) {
            Process host = hosts.get(rank).process();
            return host.descendants().findFirst().orElse(host.toHandle());
        }

        String log(int rank) throws IOException {
            return Files.readString(logs.get(rank));
        }

        @Override
        public String toString() {
            return "seed " + seed
                    + IntStream.range(0, HOSTS)
                            .mapToObj(rank -> {
                                try {
                                    return "\nrank " + rank + ":\n" + log(rank);
                                } catch (IOException e) {
                                    return "\nrank " + rank + ": no log";
                                }
                            })
                            .reduce("", String::concat);
        }

        @Override
        public void close() {
            hosts.forEach(TestProcess::close);
        }
    }
}
