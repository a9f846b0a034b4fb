package dev.saiki.eval.audit;

import dev.saiki.eval.RecordJson;
import dev.saiki.io.AtomicFiles;
import dev.saiki.text.corpus.Corpus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// The files of probe problems: a text for training, and problems for testing.
///
/// The test file contains equally many problems of each task and difficulty; in the training file, task and
/// difficulty are random. Training and test problems are drawn independently, so easy problems, of which only a
/// few exist, occur in both files.
public final class ProbeFiles {

    /// The training file: JSON Lines with one document per problem.
    public static final String TRAINING_FILE = "text/problems.jsonl";

    /// The file of test problems.
    public static final String PROBES_FILE = "probes.jsonl";

    private ProbeFiles() {}

    /// Writes both files.
    ///
    /// @param folder the folder to write to
    /// @param trainingProblems number of training problems, at least 1
    /// @param probesPerLevel number of test problems of each task and difficulty, at least 1
    /// @param seed seed of the problems
    /// @throws IOException if the files cannot be written
    public static void write(Path folder, int trainingProblems, int probesPerLevel, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom forProbes = random.split();
        List<ProbeTask> tasks = List.of(ProbeTask.values());
        writeLines(folder.resolve(TRAINING_FILE), trainingProblems, () -> {
            ProbeTask task = tasks.get(random.nextInt(tasks.size()));
            ProbeProblem problem = task.draw(1 + random.nextInt(task.hardest()), random);
            return RecordJson.MAPPER.writeValueAsString(Map.of(Corpus.TEXT_FIELD, problem.text()));
        });
        AtomicFiles.write(folder.resolve(PROBES_FILE), output -> {
            for (ProbeTask task : tasks) {
                for (int level = 1; level <= task.hardest(); level++) {
                    for (int i = 0; i < probesPerLevel; i++) {
                        String line = RecordJson.MAPPER.writeValueAsString(task.draw(level, forProbes));
                        output.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        });
    }

    private static void writeLines(Path file, int count, Supplier<String> lines) throws IOException {
        AtomicFiles.write(file, output -> {
            for (int i = 0; i < count; i++) {
                output.write((lines.get() + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
    }
}
