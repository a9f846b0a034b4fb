package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.io.AtomicFiles;
import dev.saiki.testkit.TestProcess;
import dev.saiki.train.recipe.Recipe;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a training process with SIGKILL, and continues the run in another process.
class KilledRunTest {

    @TempDir
    Path folder;

    @Test
    void runKilledThreeTimesEqualsTheUndisturbedOne() throws IOException, InterruptedException {
        killedRunEqualsTheUndisturbedOne(3, routed(500));
    }

    @Test
    void runOfConversationsKilledThreeTimesEqualsTheUndisturbedOne() throws IOException, InterruptedException {
        killedRunEqualsTheUndisturbedOne(3, ofConversations(200));
    }

    @Test
    void runWithATeacherKilledThreeTimesEqualsTheUndisturbedOne() throws IOException, InterruptedException {
        Path base = folder.resolve("base");
        Path dataset = TinyRun.prepareData(folder.resolve("data"));
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, dataset), base, TrainingListener.SILENT).run(false);
        Recipe deepened = TinyRun.recipe(
                """
                model:
                  recursion: {sharing: middle_cycle, num_recursions: 2, entry_layers: 3, exit_layers: 2, step_gates: true}
                """ + TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:")),
                dataset,
                "initialisation.from=" + base,
                "objective.teacher={dataset: " + dataset + ", sequences: 1}",
                "schedule.steps=400",
                "checkpoint.every_steps=7",
                "metrics.validate_every=50");
        killedRunEqualsTheUndisturbedOne(3, deepened);
    }

    @Test
    @Tag("slow")
    void runKilledAtTwentyRandomMomentsEqualsTheUndisturbedOne() throws IOException, InterruptedException {
        killedRunEqualsTheUndisturbedOne(20, routed(1500));
    }

    /// Odd kills come at a random moment, even ones as soon as a half-written checkpoint or state exists.
    private void killedRunEqualsTheUndisturbedOne(int kills, Recipe recipe) throws IOException, InterruptedException {
        long seed = Long.getLong("saiki.test.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Path recipeFile = Files.writeString(folder.resolve("recipe.yaml"), recipe.toYaml());
        Path undisturbed = folder.resolve("undisturbed");
        Path killed = folder.resolve("killed");
        new Trainer(Recipe.load(recipeFile, List.of()), undisturbed, TrainingListener.SILENT).run(false);

        int duringWrites = 0;
        for (int kill = 0; kill < kills; kill++) {
            boolean duringWrite = kill % 2 == 1;
            Process child = start(recipeFile, killed);
            try {
                if (duringWrite) {
                    duringWrites += awaitHalfWritten(child, killed, random) ? 1 : 0;
                } else {
                    awaitRandomMoment(child, random);
                }
                assertThat(child.isAlive())
                        .as("the run must be long enough for %d kills (seed %d)", kills, seed)
                        .isTrue();
            } finally {
                child.destroyForcibly();
                child.waitFor();
            }
        }
        assertThat(duringWrites).as("kills during a write (seed %d)", seed).isGreaterThanOrEqualTo((kills + 1) / 4);
        Process last = start(recipeFile, killed);
        assertThat(last.waitFor(5, TimeUnit.MINUTES)).as("seed %d", seed).isTrue();
        assertThat(last.exitValue()).as("seed %d", seed).isZero();

        assertThat(TinyRun.reproducibleMetrics(killed))
                .as("seed %d", seed)
                .isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
        assertThat(TinyRun.lastWeights(killed)).as("seed %d", seed).isEqualTo(TinyRun.lastWeights(undisturbed));
    }

    private Recipe routed(int steps) throws IOException {
        Path dataset = TinyRun.prepareData(folder.resolve("data"));
        return TinyRun.recipe(
                TinyRun.routed("{type: expert_choice}"),
                dataset,
                "schedule.steps=" + steps,
                "checkpoint.every_steps=7",
                "metrics.validate_every=50");
    }

    /// A deepened model trained on conversations: weights, router, position in the conversations, and patience
    /// are resumed.
    private Recipe ofConversations(int steps) throws IOException {
        Path base = TinyRun.trainBase(folder);
        Path chats = TinyRun.writeConversations(folder.resolve("chats.jsonl"));
        return Recipe.parse(
                TinyRun.TAUGHT.formatted(chats) + TinyRun.DEEPENED,
                List.of(
                        "initialisation.from=" + base,
                        "optimizer.learning_rate=0.001",
                        "schedule.steps=" + steps,
                        "schedule.patience=1000",
                        "checkpoint.every_steps=7",
                        "metrics.validate_every=50"));
    }

    private Process start(Path recipeFile, Path run) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                TrainChild.class.getName(),
                recipeFile.toString(),
                run.toString()));
        return TestProcess.start(
                        command,
                        builder -> builder.redirectError(
                                folder.resolve("child.err").toFile()))
                .process();
    }

    private static void awaitRandomMoment(Process child, SplittableRandom random)
            throws IOException, InterruptedException {
        if (random.nextInt(4) > 0) {
            awaitStart(child);
        }
        Thread.sleep(random.nextInt(1000));
    }

    /// Waits until the folder contains something incomplete, then a moment longer.
    private static boolean awaitHalfWritten(Process child, Path run, SplittableRandom random)
            throws IOException, InterruptedException {
        awaitStart(child);
        Thread.sleep(random.nextInt(200));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < end && child.isAlive()) {
            if (holdsUnfinished(run)) {
                long pause = random.nextLong(2_000_000);
                for (long until = System.nanoTime() + pause; System.nanoTime() < until; ) {
                    Thread.onSpinWait();
                }
                return true;
            }
        }
        return false;
    }

    private static boolean holdsUnfinished(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString())
                    .anyMatch(name ->
                            name.endsWith(AtomicFiles.TEMPORARY_SUFFIX) || name.endsWith(AtomicFiles.PREVIOUS_SUFFIX));
        }
    }

    private static void awaitStart(Process child) throws IOException {
        BufferedReader output = child.inputReader();
        String line = output.readLine();
        while (line != null && !line.equals("started")) {
            line = output.readLine();
        }
    }
}
