package dev.saiki.engine.settings;

import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The number format in which the engine stores its weight matrices.
public enum WeightFormat {
    /// Four bytes per number: exact, and the reference for the other formats.
    FLOAT32,
    /// Two bytes per number, the upper half of a float32.
    BFLOAT16,
    /// One byte per number, and a scale of two bytes for each 32 inputs, as {@link StoredType#Q8_0}.
    INT8,
    /// Six bits per number in the layers, and a scale of two bytes for each 32 inputs, as {@link StoredType#Q6_0};
    /// otherwise like {@link #INT4}.
    INT6,
    /// Half a byte per number in the layers, and a scale of two bytes for each 32 inputs, as {@link StoredType#Q4_0};
    /// {@link #INT8} elsewhere. A matrix that is stored in blocks keeps its four, five, six or eight bits. Only
    /// blocks of {@link StoredType#Q4_1} or {@link StoredType#Q5_1}, and keys and values that are stored in two
    /// formats, are rounded to eight bits.
    ///
    /// On a machine without kernels in C, weights are rounded to eight, six or four bits and then stored
    /// in bfloat16.
    INT4;

    /// Returns the format's name in commands, JSON and certificates.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Returns the format of a checkpoint whose matrices the engine holds without rounding them.
    ///
    /// @return Q8_0, Q6_0 or Q4_0; empty if the format has no blocks
    public Optional<StoredType> blocks() {
        return switch (this) {
            case FLOAT32, BFLOAT16 -> Optional.empty();
            case INT8 -> Optional.of(StoredType.Q8_0);
            case INT6 -> Optional.of(StoredType.Q6_0);
            case INT4 -> Optional.of(StoredType.Q4_0);
        };
    }

    /// Tells whether matrices keep the blocks in which they are stored, and those outside the layers have eight bits.
    ///
    /// @return true for {@link #INT6} and {@link #INT4}
    public boolean isMixed() {
        return this == INT6 || this == INT4;
    }

    /// Returns the size of weights in this format, without padding.
    ///
    /// @param tensors the weights as they are stored
    /// @return bytes
    public long bytes(Collection<StoredTensor> tensors) {
        return tensors.stream().mapToLong(this::bytes).sum();
    }

    private long bytes(StoredTensor tensor) {
        if (isMixed() && tensor.type().hasBlocks()) {
            return tensor.data().byteSize();
        }
        StoredType inner = blocks().orElse(this == BFLOAT16 ? StoredType.BF16 : StoredType.F32);
        StoredType held = isMixed() && !ParameterNames.isLinearMap(tensor.name()) ? StoredType.Q8_0 : inner;
        return tensor.elementCount() * held.blockBytes() / held.blockSize();
    }

    /// Returns the narrowest format that holds a model's matrices as they are stored. In a model stored in formats with
    /// blocks, rows that cannot be divided into blocks are rounded.
    ///
    /// @param tensors the model
    /// @return {@link #INT4}, {@link #INT6} or {@link #INT8} if all matrices but those of routers are stored in
    ///     blocks, the narrowest of them in four or five, six, or eight bits; {@link #BFLOAT16} if all are stored
    ///     in bfloat16; otherwise {@link #FLOAT32}
    public static WeightFormat stored(Collection<StoredTensor> tensors) {
        List<StoredTensor> matrices = tensors.stream()
                .filter(tensor -> ParameterNames.isMatrix(tensor.name(), tensor.shape()))
                .toList();
        Set<StoredType> divisible = matrices.stream()
                .filter(tensor -> tensor.shape().getLast() % StoredType.Q8_0.blockSize() == 0)
                .map(StoredTensor::type)
                .collect(Collectors.toUnmodifiableSet());
        if (!divisible.isEmpty() && divisible.stream().allMatch(StoredType::hasBlocks)) {
            if (divisible.equals(Set.of(StoredType.Q8_0))) {
                return INT8;
            }
            return Set.of(StoredType.Q8_0, StoredType.Q6_0, StoredType.Q6_K).containsAll(divisible) ? INT6 : INT4;
        }
        return matrices.stream().allMatch(tensor -> tensor.type() == StoredType.BF16) ? BFLOAT16 : FLOAT32;
    }
}
