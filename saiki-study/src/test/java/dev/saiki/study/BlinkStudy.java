package dev.saiki.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.train.StepReport;
import dev.saiki.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A study in a test's folder, of models whose training takes little time.
final class BlinkStudy {

    static final String PLAN = """
        name: blink
        data: {corpus: [text], piece_characters: 400, vocab_size: 280, validation_fraction: 0.3}
        settings:
          batch: {sequences: 2, micro_batch_sequences: 1, sequence_length: 32}
          precision: {compute: float32}
          model:
            num_attention_heads: 2
            num_key_value_heads: 1
            max_position_embeddings: 32
            num_hidden_layers: 4
        sizes:
          a: {model: {hidden_size: 16, intermediate_size: 32, head_dim: 8}}
        families:
          vanilla: {recipe: small-vanilla, learning_rates: [1e-3, 1e-2]}
          mor: {recipe: small-mor2-expert, learning_rate: 1e-2}
        budgets: [1.6e7, 4e7]
        seeds: [SEEDS]
        evaluation: {rows: 12, resamples: 100}
        """;

    static final String EXITS = ", more: {exit75: {kind: early_exit, share: 0.75, confidence: saturation},"
            + " exit60: {kind: early_exit, share: 0.6, confidence: saturation}}";

    private BlinkStudy() {}

    /// Writes a training text.
    static void writeText(Path folder) throws IOException {
        Files.createDirectory(folder.resolve("text"));
        List<String> words = List.of("sea", "whale", "captain", "the", "of", "and", "pride", "union", "state", "ship");
        Random random = new Random(1);
        for (int document = 0; document < 6; document++) {
            String text = IntStream.range(0, 60)
                    .mapToObj(line -> IntStream.range(0, 8)
                            .mapToObj(word -> words.get(random.nextInt(words.size())))
                            .collect(Collectors.joining(" ", "", ".\n")))
                    .collect(Collectors.joining());
            Files.writeString(folder.resolve("text").resolve("text-" + document + ".txt"), text);
        }
    }

    /// The plan with given seeds and further evaluation settings.
    static StudyPlan plan(Path folder, String seeds, String more) throws IOException {
        Path file = folder.resolve("plan.yaml");
        Files.writeString(file, PLAN.replace("SEEDS", seeds).replace("resamples: 100", "resamples: 100" + more));
        return StudyPlan.read(file);
    }

    static StudyResults finished(StudyOutcome outcome) {
        assertThat(outcome).isInstanceOf(StudyOutcome.Finished.class);
        return ((StudyOutcome.Finished) outcome).results();
    }

    static List<List<Measurement>> measured(StudyResults results) {
        return results.runs().stream().map(RunResult::measurements).toList();
    }

    /// Records which trainings start.
    record Started(List<String> runs) implements StudyListener {
        @Override
        public TrainingListener onTraining(String run) {
            runs.add(run);
            return TrainingListener.SILENT;
        }
    }

    /// Asks a study to stop after a training's first own step.
    record StopAfterAStep(AtomicReference<Study> study) implements TrainingListener {
        @Override
        public void onStep(StepReport report) {
            study.get().requestStop();
        }
    }
}
