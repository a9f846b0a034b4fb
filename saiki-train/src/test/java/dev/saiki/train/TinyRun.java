package dev.saiki.train;

import dev.saiki.io.AtomicFiles;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.metrics.MetricsLine;
import dev.saiki.train.metrics.MetricsLog;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Runs that take a second: a few thousand invented words, and models of a few thousand weights.
final class TinyRun {

    static final String VANILLA = """
            model:
              hidden_size: 16
              intermediate_size: 32
              num_hidden_layers: 8
              num_attention_heads: 2
              num_key_value_heads: 1
              max_position_embeddings: 16
              tie_word_embeddings: true
              initializer_range: 0.1
            optimizer:
              learning_rate: 0.01
            schedule:
              steps: 12
              warmup_steps: 2
            batch:
              sequences: 4
              micro_batch_sequences: 2
            checkpoint:
              every_steps: 4
            metrics:
              validate_every: 3
              validation_sequences: 4
            """;

    static final String RECURSIVE = VANILLA.replace("optimizer:", """
              recursion:
                sharing: middle_cycle
                num_recursions: 3
            optimizer:\
            """);

    /// Conversations that a model is taught, at the file that the first place names.
    static final String TAUGHT = """
            data:
              conversations: {path: %s, validation_fraction: 0.2}
            batch: {sequences: 4, sequence_length: 96}
            checkpoint: {every_steps: 4}
            metrics: {validate_every: 3}
            """;

    /// Deepens a model of eight layers.
    static final String DEEPENED = """
            model:
              recursion: {sharing: middle_cycle, num_recursions: 3, entry_layers: 3, exit_layers: 2, step_gates: true}
              routing: {type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}
            """;

    private TinyRun() {}

    /// The recursive model with a routing section in YAML's flow style.
    static String routed(String routing) {
        return RECURSIVE.replace("optimizer:", "  routing: " + routing + "\noptimizer:");
    }

    static Recipe recipe(String yaml, Path dataset, String... overrides) {
        List<String> all = new ArrayList<>(List.of("data.dataset=" + dataset, "parallelism.device=" + Golden.device()));
        all.addAll(List.of(overrides));
        return Recipe.parse(yaml, all);
    }

    /// Writes a dataset of invented prose, the same at every call.
    static Path prepareData(Path folder) throws IOException {
        SplittableRandom random = new SplittableRandom(17);
        String[] words = new String[80];
        for (int i = 0; i < words.length; i++) {
            words[i] = word(random);
        }
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            documents.add(new Document("document " + i, prose(words, random)));
        }
        Corpus corpus = Corpus.ofDocuments("made-up prose", documents);
        Tokenizer tokenizer = BytePairTrainer.train(corpus, 300);
        TokenDataset.prepare(
                corpus, tokenizer, folder, PrepareOptions.defaults().withValidationFraction(0.1));
        return folder;
    }

    /// Trains a model from which other runs start, with a context large enough for conversations.
    static Path trainBase(Path folder) throws IOException {
        Path dataset = prepareData(folder.resolve("data"));
        Path base = folder.resolve("base");
        Recipe recipe = recipe(VANILLA, dataset, "model.max_position_embeddings=96", "batch.sequence_length=16");
        new Trainer(recipe, base, TrainingListener.SILENT).run(false);
        return base;
    }

    /// Writes 40 conversations of a question and an answer.
    static Path writeConversations(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            lines.add("{\"prompt\": \"Say %s.\", \"completion\": \"%s\"}"
                    .formatted("abcdefgh".charAt(i % 8), "yes ".repeat(1 + i % 5)));
        }
        return Files.write(file, lines);
    }

    /// The weights file of the last checkpoint, for bit-by-bit comparison.
    static byte[] lastWeights(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("last").resolve("model.safetensors"));
    }

    /// All metrics of a run except measurements of the machine.
    static List<Map<String, Double>> reproducibleMetrics(Path run) throws IOException {
        List<Map<String, Double>> lines = new ArrayList<>();
        for (MetricsLine line : MetricsLog.read(run.resolve(MetricsLog.FILE_NAME))) {
            Map<String, Double> values = new TreeMap<>(line.values());
            values.remove(MetricNames.TOKENS_PER_SECOND);
            values.remove(MetricNames.RESIDENT_BYTES);
            values.remove(MetricNames.PEAK_RESIDENT_BYTES);
            values.put("step", (double) line.step());
            lines.add(values);
        }
        return lines;
    }

    static void copy(Path from, Path to) throws IOException {
        AtomicFiles.deleteRecursively(to);
        try (java.util.stream.Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static String word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        int length = random.nextInt(2, 8);
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }

    /// Sentences in which each word strongly influences the next, so that there is something to learn.
    private static String prose(String[] words, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int word = random.nextInt(words.length);
        for (int i = 0; i < 200; i++) {
            text.append(words[word]).append(i % 10 == 9 ? ". " : " ");
            word = random.nextInt(4) == 0 ? random.nextInt(words.length) : (word * 7 + 3) % words.length;
        }
        return text.toString();
    }
}
