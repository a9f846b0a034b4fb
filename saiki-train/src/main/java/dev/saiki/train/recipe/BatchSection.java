package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `batch`: the sequences in a step, and their division into micro-batches.
///
/// @param sequences the number of sequences in the global batch
/// @param sequenceLength tokens in a sequence
/// @param microBatchSequences the number of sequences in a micro-batch; divides `sequences`. Gradients are
///     added over the micro-batches in a fixed order, and micro-batches may run in parallel
public record BatchSection(int sequences, int sequenceLength, int microBatchSequences) {

    /// The default number of sequences in the global batch.
    public static final int DEFAULT_SEQUENCES = 32;

    /// The largest default number of sequences in a micro-batch. This number does not depend on the machine,
    /// because another division adds gradients in another order and therefore gives a different run.
    public static final int DEFAULT_MOST_MICRO_BATCH_SEQUENCES = 4;

    static final int MIN_SEQUENCE_LENGTH = 2;

    /// Checks the ranges.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range, or the micro-batch size does not divide the
    ///     global batch
    public BatchSection {
        Problems.requireAll(
                () -> RecipeChecks.atLeast(1, "batch.sequences", sequences),
                () -> RecipeChecks.atLeast(MIN_SEQUENCE_LENGTH, "batch.sequence_length", sequenceLength),
                () -> RecipeChecks.atLeast(1, "batch.micro_batch_sequences", microBatchSequences),
                () -> RecipeChecks.that(
                        sequences % Math.max(1, microBatchSequences) == 0,
                        "batch.micro_batch_sequences",
                        "a divisor of batch.sequences (" + sequences + ")",
                        microBatchSequences));
    }

    /// Training tokens in a global batch.
    ///
    /// @return sequences times sequence length
    public long tokens() {
        return (long) sequences * sequenceLength;
    }

    static BatchSection read(SectionReader reader, int maxPositionEmbeddings) {
        int sequences = reader.smallInteger("sequences", DEFAULT_SEQUENCES);
        return new BatchSection(
                sequences,
                reader.smallInteger("sequence_length", maxPositionEmbeddings),
                reader.smallInteger("micro_batch_sequences", defaultMicroBatch(sequences)));
    }

    void write(ObjectNode section) {
        section.put("sequences", sequences);
        section.put("sequence_length", sequenceLength);
        section.put("micro_batch_sequences", microBatchSequences);
    }

    /// The largest divisor of the number of sequences that does not exceed the largest default.
    private static int defaultMicroBatch(int sequences) {
        int micro = Math.clamp(sequences, 1, DEFAULT_MOST_MICRO_BATCH_SEQUENCES);
        while (sequences % micro != 0) {
            micro--;
        }
        return micro;
    }
}
