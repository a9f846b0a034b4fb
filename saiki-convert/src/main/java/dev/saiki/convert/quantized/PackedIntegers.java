package dev.saiki.convert.quantized;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ComputedMatrix;
import dev.saiki.io.InputException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// The quantization of GPTQ and AWQ: four-bit integers in words, with a scale and a zero for each group of inputs.
///
/// @param layout the layout of the words
/// @param groupSize the inputs of a group; {@value #WHOLE} if all inputs are one group
/// @param addedToZeros a word that is added to each word of zeros
/// @param isReordered whether every matrix must list the group of each input
record PackedIntegers(WordLayout layout, int groupSize, int addedToZeros, boolean isReordered) implements Quantization {

    private static final int WHOLE = -1;

    /// The word of ones. GPTQ's first format stores zeros after subtracting this word.
    private static final int ONES = 0x11111111;

    private static final String WORDS = ".qweight";
    private static final String ZEROS = ".qzeros";
    private static final String SCALES = ".scales";
    private static final String GROUPS = ".g_idx";

    static PackedIntegers gptq(QuantizationKeys keys) {
        List<String> formats = List.of("gptq", "gptq_v2");
        Optional<String> older = keys.choice("format", formats);
        String format =
                keys.choice("checkpoint_format", formats).or(() -> older).orElse("gptq");
        JsonNode adapter = keys.config().path("adapter");
        keys.require(adapter.isMissingNode() || adapter.isNull(), "adapter", "absent or null: it is not supported");
        return new PackedIntegers(
                WordLayout.GPTQ, groupSize(keys), format.equals("gptq") ? ONES : 0, keys.isTrue("desc_act"));
    }

    static PackedIntegers awq(QuantizationKeys keys) {
        List.of("version", "format", "checkpoint_format").forEach(key -> keys.choice(key, List.of("gemm")));
        keys.require(keys.config().path("zero_point").booleanValue(true), "zero_point", "true");
        keys.require(
                !keys.word("backend").equals(Optional.of("llm-awq")),
                "backend",
                "absent or autoawq, since others have another layout");
        return new PackedIntegers(WordLayout.AWQ, groupSize(keys), 0, false);
    }

    private static int groupSize(QuantizationKeys keys) {
        keys.require(keys.config().path("bits").intValue(0) == 4, "bits", "4");
        int size = keys.config().path("group_size").intValue(0);
        keys.require(size == WHOLE || size > 0, "group_size", "a whole number from 1, or " + WHOLE);
        return size;
    }

    @Override
    public String description() {
        return "4-bit " + layout;
    }

    @Override
    public List<String> endings() {
        return switch (layout) {
            case GPTQ -> List.of(WORDS, ZEROS, SCALES, GROUPS);
            case AWQ -> List.of(WORDS, ZEROS, SCALES);
        };
    }

    @Override
    public ComputedMatrix matrix(MatrixParts parts) {
        StoredTensor words = parts.matrix(WORDS, StoredType.I32);
        long rows = words.shape().getFirst();
        long columns = words.shape().getLast();
        long inputs = layout == WordLayout.GPTQ ? rows * WordLayout.INTEGERS : rows;
        long outputs = layout == WordLayout.GPTQ ? columns : columns * WordLayout.INTEGERS;
        long groups = groupSize == WHOLE ? 1 : Math.ceilDiv(inputs, groupSize);
        List<Long> zeroWords = List.of(groups, Math.ceilDiv(outputs, WordLayout.INTEGERS));
        PackedMatrix matrix = new PackedMatrix(
                parts.name(),
                List.of(outputs, inputs),
                this,
                words,
                parts.tensor(ZEROS, List.of(StoredType.I32), zeroWords),
                parts.tensor(SCALES, MatrixParts.FLOATS, List.of(groups, outputs)),
                isReordered || (layout == WordLayout.GPTQ && parts.has(GROUPS))
                        ? Optional.of(parts.tensor(GROUPS, List.of(StoredType.I32), List.of(inputs)))
                        : Optional.empty());
        for (long input = 0; input < inputs; input++) {
            long group = matrix.group(input);
            if (group < 0 || group >= groups) {
                throw InputException.of(
                        parts.where(),
                        "tensor " + parts.base() + GROUPS,
                        "groups from 0 to " + (groups - 1),
                        group + " for input " + input);
            }
        }
        return matrix;
    }

    /// The group of an input in a matrix that does not list groups.
    long usualGroup(long input) {
        return groupSize == WHOLE ? 0 : input / groupSize;
    }
}
