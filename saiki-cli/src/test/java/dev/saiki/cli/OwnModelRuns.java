package dev.saiki.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The material for deepening a model: texts, conversations, and trainings with the recipes for this purpose,
/// of so few steps that they only change the weights.
///
/// @param folder the folder of all files
record OwnModelRuns(Path folder) {

    private static final List<String> WORDS =
            List.of("sea", "whale", "captain", "boat", "of", "and", "the", "saw", "was", "glad", "big", "a");

    /// Writes ten documents of random words.
    Path texts(int words) throws IOException {
        Path texts = Files.createDirectories(folder.resolve("texts"));
        for (int document = 0; document < 10; document++) {
            Random random = new Random(document);
            Files.writeString(
                    texts.resolve(document + ".txt"),
                    IntStream.range(0, words)
                            .mapToObj(word -> WORDS.get(random.nextInt(WORDS.size())))
                            .collect(Collectors.joining(" ")));
        }
        return texts;
    }

    /// Encodes texts with a model's tokenizer.
    Path data(Path texts, Path model) {
        Path data = folder.resolve("data");
        CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        texts,
                        "--tokenizer",
                        model.resolve("tokenizer.json"),
                        "--validation-fraction",
                        "0.2",
                        "--out",
                        data)
                .succeeds();
        return data;
    }

    /// Writes 24 conversations of a question and an answer.
    Path conversations() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            lines.add("{\"messages\": [{\"role\": \"user\", \"content\": \"What is %d?\"},".formatted(i)
                    + " {\"role\": \"assistant\", \"content\": \"A number.\"}]}");
        }
        return Files.write(folder.resolve("chats.jsonl"), lines);
    }

    /// Trains four steps.
    CommandRun train(String recipe, Path from, Path out, String... changes) {
        List<Object> words = new ArrayList<>(List.of("train", "--recipe", recipe, "--init-from", from, "--set"));
        words.addAll(List.of("schedule.steps=4", "batch.sequence_length=64", "batch.sequences=4"));
        words.addAll(List.of(changes));
        words.addAll(List.of("--out", out));
        return CommandRun.of(words.toArray()).succeeds();
    }
}
