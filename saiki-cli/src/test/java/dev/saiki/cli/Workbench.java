package dev.saiki.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Small inputs for commands: a corpus, a tokenizer, token shards, a recipe and a checkpoint, all made by the
/// commands themselves.
record Workbench(Path folder) {

    /// A model whose training takes little time.
    static final String RECIPE = """
            model:
              hidden_size: 32
              intermediate_size: 64
              num_hidden_layers: 5
              num_attention_heads: 2
              num_key_value_heads: 1
              head_dim: 16
              vocab_size: 280
              max_position_embeddings: 64
              rms_norm_eps: 1.0e-5
              rope_theta: 10000
              tie_word_embeddings: true
              initializer_range: 0.02
              recursion:
                sharing: middle_cycle
                num_recursions: 3
              routing:
                type: expert_choice
                router_type: linear
                router_func: sigmoid
                alpha: 0.1
                gating: weighted
            optimizer:
              learning_rate: 1.0e-3
            schedule:
              type: warmup_stable_decay
              steps: 6
            batch:
              sequences: 2
              sequence_length: 32
              micro_batch_sequences: 1
            checkpoint:
              every_steps: 2
            metrics:
              validate_every: 3
              validation_sequences: 2
            """;

    /// Makes all inputs.
    static Workbench in(Path folder) {
        Workbench bench = new Workbench(folder);
        bench.writeCorpus();
        write(bench.recipe(), RECIPE);
        CommandRun.of("tokenizer", "train", "--corpus", bench.corpus(), "--vocab-size", 280, "--out", bench.tokenizer())
                .succeeds();
        CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        bench.corpus(),
                        "--tokenizer",
                        bench.tokenizer(),
                        "--out",
                        bench.data(),
                        "--validation-fraction",
                        "0.3")
                .succeeds();
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        bench.recipe(),
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        7,
                        "--out",
                        bench.model())
                .succeeds();
        return bench;
    }

    Path corpus() {
        return folder.resolve("texts with a space");
    }

    Path tokenizer() {
        return folder.resolve("tokenizer.json");
    }

    Path data() {
        return folder.resolve("data");
    }

    Path recipe() {
        return folder.resolve("recipe.yaml");
    }

    Path model() {
        return folder.resolve("model");
    }

    private void writeCorpus() {
        List<String> words = List.of("sea", "whale", "captain", "the", "of", "and", "pride", "union", "state", "ship");
        for (int document = 0; document < 8; document++) {
            Random random = new Random(document);
            String text = IntStream.range(0, 400)
                    .mapToObj(i -> words.get(random.nextInt(words.size())))
                    .collect(Collectors.joining(" "));
            write(corpus().resolve(String.format(Locale.ROOT, "text-%d.txt", document)), text + ".\n");
        }
    }

    static void write(Path file, String text) {
        try {
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
