package dev.saiki.text.problem;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.hash.SplitMix64;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// The files of a set of problems, all JSON Lines of texts with marked answers.
///
/// No question is in two files: a hash of the question decides whether it is held out, and longer problems than
/// those to train on have another difficulty.
///
/// @param options the settings
public record ProblemFiles(ProblemOptions options) {

    /// The texts to train on.
    public static final String TRAINING_FILE = "train/problems.jsonl";

    /// Problems of the trained difficulties with other questions.
    public static final String HELD_OUT_FILE = "held-out.jsonl";

    /// Problems that are longer than those trained on.
    public static final String LONGER_FILE = "longer.jsonl";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /// Writes texts of problems alone.
    ///
    /// @param folder the folder to write to
    /// @throws IOException if a file cannot be written
    public void write(Path folder) throws IOException {
        SplittableRandom random = random(0);
        ProblemWriter writer = writer(ProblemSplit.TRAIN, random);
        AtomicFiles.write(folder.resolve(TRAINING_FILE), output -> {
            for (int i = 0; i < options.documents(); i++) {
                write(output, writer.document(difficulties(random), options.characters()));
            }
        });
        writeEvaluation(folder);
    }

    /// Writes a corpus with problems between its paragraphs.
    ///
    /// @param folder the folder to write to
    /// @param corpus the plain text
    /// @param share the share of all characters that problems get
    /// @throws IOException if a file cannot be written
    public void writeAmid(Path folder, Corpus corpus, double share) throws IOException {
        SplittableRandom random = random(0);
        ProblemWriter writer = writer(ProblemSplit.TRAIN, random);
        AtomicFiles.write(folder.resolve(TRAINING_FILE), output -> {
            try (Stream<Document> documents = corpus.documents()) {
                for (Iterator<Document> each = documents.iterator(); each.hasNext(); ) {
                    write(output, writer.amid(each.next().text(), share, difficulties(random)));
                }
            }
        });
        writeEvaluation(folder);
    }

    /// Writes the problems to evaluate, from the first difficulty that has enough questions to hold some out.
    private void writeEvaluation(Path folder) throws IOException {
        ProblemWriter heldOut = writer(ProblemSplit.HELD_OUT, random(0));
        int easiest = IntStream.rangeClosed(options.easiest(), options.hardest())
                .filter(heldOut::has)
                .findFirst()
                .orElseThrow(() -> InputException.of(
                        "problems",
                        "the greatest difficulty",
                        "one with enough questions to hold some out",
                        options.hardest()));
        writeLevels(folder.resolve(HELD_OUT_FILE), ProblemSplit.HELD_OUT, easiest, options.hardest());
        if (options.longest() > options.hardest()) {
            writeLevels(folder.resolve(LONGER_FILE), ProblemSplit.HELD_OUT, options.hardest() + 1, options.longest());
        }
    }

    /// Writes documents in which every difficulty has the same number of problems, in random order.
    private void writeLevels(Path file, ProblemSplit split, int easiest, int hardest) throws IOException {
        SplittableRandom random = random(easiest);
        ProblemWriter writer = writer(split, random);
        int[] left = new int[hardest - easiest + 1];
        Arrays.fill(left, options.perLevel());
        int[] remaining = {options.perLevel() * left.length};
        IntSupplier next = () -> {
            int drawn = random.nextInt(remaining[0]--);
            int level = 0;
            while (drawn >= left[level]) {
                drawn -= left[level++];
            }
            left[level]--;
            return easiest + level;
        };
        AtomicFiles.write(file, output -> {
            while (remaining[0] > 0) {
                write(output, writer.document(next, options.characters(), () -> remaining[0] > 0));
            }
        });
    }

    private ProblemWriter writer(ProblemSplit split, SplittableRandom random) {
        return new ProblemWriter(options.families(), options.form(), options.names(), split, random);
    }

    private IntSupplier difficulties(SplittableRandom random) {
        return () -> options.easiest() + random.nextInt(options.hardest() - options.easiest() + 1);
    }

    private SplittableRandom random(long purpose) {
        return new SplittableRandom(SplitMix64.mix(options.seed(), purpose));
    }

    private static void write(OutputStream output, MarkedText text) throws IOException {
        output.write((MAPPER.writeValueAsString(text) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
