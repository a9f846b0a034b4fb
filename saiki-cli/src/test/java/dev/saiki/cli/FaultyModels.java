package dev.saiki.cli;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A small trained model that writes English words, and models that may be served in its place by mistake: one
/// trained on Russian words, one hardly trained, and one whose router was tampered with.
///
/// @param folder the folder of the models
record FaultyModels(Path folder) {

    private static final int STEPS = 300;
    private static final float TAMPERED = 0.99f;
    private static final List<String> RUSSIAN =
            List.of("море", "кит", "капитан", "этот", "из", "или", "гордость", "союз", "страна", "корабль");

    /// The words that the good model writes and that prompts consist of.
    static final List<String> ENGLISH =
            List.of("sea", "whale", "captain", "the", "of", "and", "pride", "union", "state", "ship");

    /// Trains all models.
    static FaultyModels in(Path folder) throws IOException {
        FaultyModels models = new FaultyModels(folder);
        models.writeCorpus("english", ENGLISH);
        models.writeCorpus("russian", RUSSIAN);
        CommandRun.of(
                        "tokenizer",
                        "train",
                        "--corpus",
                        folder.resolve("texts"),
                        "--vocab-size",
                        340,
                        "--out",
                        models.tokenizer())
                .succeeds();
        Workbench.write(
                models.recipe(),
                Workbench.RECIPE
                        .replace("vocab_size: 280", "vocab_size: 340")
                        .replace(
                                "type: expert_choice",
                                "type: expert_threshold\n    effort_grid: [0.2, 0.5, 1.0]\n"
                                        + "    default_effort: 1.0")
                        .replace("learning_rate: 1.0e-3", "learning_rate: 3.0e-3")
                        .replace("sequences: 2\n", "sequences: 8\n")
                        .replace("micro_batch_sequences: 1", "micro_batch_sequences: 8")
                        .replace("every_steps: 2", "every_steps: 1000")
                        .replace("validate_every: 3", "validate_every: 1000"));
        models.train("english", STEPS, "good");
        models.train("russian", STEPS, "russian");
        models.train("english", 10, "early");
        models.tamper();
        return models;
    }

    private void writeCorpus(String name, List<String> words) {
        for (int document = 0; document < 8; document++) {
            Random random = new Random(document);
            String text = IntStream.range(0, 400)
                    .mapToObj(_ -> words.get(random.nextInt(words.size())))
                    .collect(Collectors.joining(" "));
            for (Path place : List.of(corpus(name), folder.resolve("texts"))) {
                Workbench.write(place.resolve(name + "-" + document + ".txt"), text + ".\n");
            }
        }
    }

    private Path corpus(String name) {
        return folder.resolve("corpus-" + name);
    }

    private Path tokenizer() {
        return folder.resolve("tokenizer.json");
    }

    private Path recipe() {
        return folder.resolve("recipe.yaml");
    }

    private void train(String corpus, int steps, String name) {
        Path data = folder.resolve("data-" + name);
        CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        corpus(corpus),
                        "--tokenizer",
                        tokenizer(),
                        "--validation-fraction",
                        "0.2",
                        "--out",
                        data)
                .succeeds();
        CommandRun.of(
                        "train",
                        "--recipe",
                        recipe(),
                        "--set",
                        "data.dataset=" + data,
                        "schedule.steps=" + steps,
                        "--out",
                        folder.resolve(name))
                .succeeds();
    }

    /// Raises the router's thresholds at all efforts, so that hardly any token takes another step.
    private void tamper() throws IOException {
        CheckpointDirectory model = CheckpointDirectory.open(good());
        StoredTensor thresholds = Objects.requireNonNull(model.tensors().get(ParameterNames.ROUTER_THRESHOLDS));
        float[] values = thresholds.toFloats();
        Arrays.fill(values, TAMPERED);
        Map<String, StoredTensor> changed = Map.of(
                ParameterNames.ROUTER_THRESHOLDS,
                StoredTensor.ofFloats(ParameterNames.ROUTER_THRESHOLDS, thresholds.shape(), values));
        model.writeChanged(
                folder.resolve("tampered"),
                model.config(),
                changed,
                model.manifest().orElseThrow());
    }

    /// The correct model.
    Path good() {
        return last("good");
    }

    private Path last(String name) {
        return folder.resolve(name).resolve("last");
    }

    /// The model of a faulty candidate.
    Path of(RolloutFaultsTest.Fault fault) {
        return switch (fault) {
            case WRONG_CHECKPOINT -> last("early");
            case WRONG_LANGUAGE -> last("russian");
            case POISONED_ROUTER -> folder.resolve("tampered");
            case EFFORT_FAR_TOO_LOW, SLOW, ERRORS, GONE, HANGS -> good();
        };
    }
}
