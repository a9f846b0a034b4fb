package dev.saiki.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.saiki.testkit.TestProcess;
import dev.saiki.text.cleaning.CleanedCorpus;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DuplicateRemoval;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The job jar on clusters of several processes, with 120 MB of text; the times are written to `cluster.txt` in
/// the module's build folder. The property `saiki.spark.times` sets the size of the text in units of 15 MB.
@Tag("slow")
final class ClusterTest {

    private static final int TIMES = Integer.getInteger("saiki.spark.times", 8);
    private static final int DRIVER_MEGABYTES = 1024;
    private static final int SMALLEST_DRIVER_MEGABYTES = 64;
    private static final CleaningOptions RULES =
            new CleaningOptions(200, 0.5, 0.5, DuplicateRemoval.NEAR, CleaningOptions.DEFAULT_SIMILARITY);
    private static final List<String> FLAGS = List.of(
            "--min-characters", "200", "--min-letters", "0.5", "--max-repeated-lines", "0.5", "--duplicates", "near");
    private static final Duration LIMIT = Duration.ofMinutes(2L * Math.max(8, TIMES));
    private static final Path REPORT = Path.of("target", "cluster.txt");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Path home;

    @BeforeAll
    static void prepareOnOneMachine() throws IOException {
        Path corpus = SampleCorpus.large(folder.resolve("corpus"), TIMES);
        Files.writeString(REPORT, "");
        Corpus sample = Corpus.of(List.of(corpus.resolve("text-1-0.jsonl")));
        Tokenizer tokenizer = BytePairTrainer.train(sample, 8192);
        tokenizer.save(folder.resolve("tokenizer.json"));
        Instant start = Instant.now();
        CleanedCorpus cleaned = CleanedCorpus.of(Corpus.of(List.of(corpus)), RULES);
        TokenDataset.prepare(cleaned, tokenizer, folder.resolve("expected"), PrepareOptions.defaults());
        report("data prepare, " + bytes(corpus) / 1_000_000 + " MB", start);
        home = sparkHome();
    }

    private static long bytes(Path corpus) throws IOException {
        try (Stream<Path> files = Files.list(corpus)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static void report(String what, Instant start) throws IOException {
        double seconds = Duration.between(start, Instant.now()).toMillis() / 1000.0;
        Files.writeString(REPORT, Files.readString(REPORT) + String.format(Locale.ROOT, "%s: %.1f s%n", what, seconds));
    }

    /// A folder in the form of Spark's distribution, with the jars of this test.
    private static Path sparkHome() throws IOException {
        Path made = folder.resolve("spark");
        Path jars = Files.createDirectories(made.resolve("jars"));
        for (String entry : List.of(System.getProperty("java.class.path").split(File.pathSeparator))) {
            Path jar = Path.of(entry);
            if (entry.endsWith(".jar")
                    && Stream.of("saiki", "bytedeco", "junit").noneMatch(entry::contains)) {
                Files.createSymbolicLink(jars.resolve(String.valueOf(jar.getFileName())), jar);
            }
        }
        return made;
    }

    private static List<String> java(String mainClass, int megabytes, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx" + megabytes + "m",
                "-cp",
                home.resolve("jars") + "/*"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    private static void settings(ProcessBuilder builder) {
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.redirectErrorStream(true);
    }

    /// Starts `spark-submit` with the job jar.
    private static TestProcess submit(String master, int megabytes, Path out) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--master",
                master,
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.executor.memory=900m",
                "--conf",
                "spark.testing.memory=1000000000", // Spark refuses a driver with a small heap otherwise.
                "--conf",
                "spark.local.dir=" + folder.resolve("scratch"),
                System.getProperty("job.jar"),
                "prepare",
                "--corpus",
                folder.resolve("corpus").toString(),
                "--tokenizer",
                folder.resolve("tokenizer.json").toString(),
                "--out",
                out.toString()));
        arguments.addAll(FLAGS);
        return TestProcess.start(java("org.apache.spark.deploy.SparkSubmit", megabytes, arguments), builder -> {
            settings(builder);
            builder.redirectOutput(
                    out.resolveSibling(out.getFileName() + ".log").toFile());
        });
    }

    private static void await(TestProcess job, Path out) throws IOException, InterruptedException {
        boolean ended = job.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        String log = Files.readString(out.resolveSibling(out.getFileName() + ".log"));
        assertThat(ended).as(log).isTrue();
        assertThat(job.process().exitValue()).as(log).isZero();
        DatasetFiles.assertSame(out, folder.resolve("expected"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void localThreadsAndLocalClustersGiveTheBytesOfOneMachine() throws IOException, InterruptedException {
        for (String master : List.of("local[2]", "local-cluster[2,1,900]")) {
            Path out = folder.resolve(master.replaceAll("\\W", "-"));
            Instant start = Instant.now();
            try (TestProcess job = submit(master, DRIVER_MEGABYTES, out)) {
                await(job, out);
            }
            report(master, start);
        }
    }

    @Test
    void aTenthOfTheTextAsTheDriversMemoryGivesTheBytesOfOneMachine() throws IOException, InterruptedException {
        int megabytes = (int) (bytes(folder.resolve("corpus")) / 10_000_000);
        assumeThat(megabytes)
                .as("the memory of a driver; set -Dsaiki.spark.times=45")
                .isGreaterThanOrEqualTo(SMALLEST_DRIVER_MEGABYTES);
        Path out = folder.resolve("small-driver");
        Instant start = Instant.now();
        try (TestProcess job = submit("local-cluster[2,1,900]", megabytes, out)) {
            await(job, out);
        }
        report("local-cluster[2,1,900], a driver of " + megabytes + " MB", start);
    }

    @Test
    void aStandaloneClusterThatLosesAnExecutorGivesTheBytesOfOneMachine() throws IOException, InterruptedException {
        int port = freePort();
        String master = "spark://127.0.0.1:" + port;
        List<String> at = List.of("--host", "127.0.0.1", "--port", String.valueOf(port), "--webui-port", "0");
        try (TestProcess _ = TestProcess.start(
                        java("org.apache.spark.deploy.master.Master", 1024, at), ClusterTest::quietly);
                TestProcess first = worker(master);
                TestProcess second = worker(master)) {
            Path undisturbed = folder.resolve("standalone");
            Instant start = Instant.now();
            try (TestProcess job = submit(master, DRIVER_MEGABYTES, undisturbed)) {
                await(job, undisturbed);
            }
            report("standalone, two workers", start);
            Path disturbed = folder.resolve("disturbed");
            Instant again = Instant.now();
            try (TestProcess job = submit(master, DRIVER_MEGABYTES, disturbed)) {
                assertThat(executorIsKilled(List.of(first, second), job)).isTrue();
                await(job, disturbed);
            }
            report("standalone, an executor killed", again);
        }
    }

    private static void quietly(ProcessBuilder builder) {
        settings(builder);
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    }

    private static TestProcess worker(String master) throws IOException {
        List<String> arguments = List.of(
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--webui-port",
                "0",
                "--work-dir",
                folder.resolve("work").toString(),
                master);
        return TestProcess.start(java("org.apache.spark.deploy.worker.Worker", 1024, arguments), ClusterTest::quietly);
    }

    /// Kills the first executor that has worked for a while.
    private static boolean executorIsKilled(List<TestProcess> workers, TestProcess job) throws InterruptedException {
        while (job.process().isAlive()) {
            for (TestProcess worker : workers) {
                List<ProcessHandle> executors = worker.process()
                        .descendants()
                        .filter(process -> process.info()
                                .totalCpuDuration()
                                .map(time -> time.compareTo(Duration.ofSeconds(12)) > 0)
                                .orElse(false))
                        .toList();
                if (!executors.isEmpty()) {
                    return executors.getFirst().destroyForcibly();
                }
            }
            Thread.sleep(100);
        }
        return false;
    }
}
