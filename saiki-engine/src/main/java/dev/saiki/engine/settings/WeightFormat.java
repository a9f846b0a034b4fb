package dev.saiki.engine.settings;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/// The number format in which the engine stores its weight matrices.
public enum WeightFormat {
    /// Four bytes per number: exact, and the reference for the other formats.
    FLOAT32,
    /// Two bytes per number, the upper half of a float32.
    BFLOAT16,
    /// One byte per number, and a scale of two bytes for each 32 inputs, as {@link StoredType#Q8_0}.
    INT8,
    /// Half a byte per number in the layers, and a scale of two bytes for each 32 inputs, as {@link StoredType#Q4_0};
    /// {@link #INT8} elsewhere, unless the checkpoint has four bits there.
    ///
    /// On a machine without kernels in C, weights are rounded to eight or four bits and then stored in bfloat16.
    INT4;

    /// Returns the format's name in commands, JSON and certificates.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Returns the narrowest format that holds a checkpoint's matrices as they are stored. Five and six bits, and
    /// blocks with minima, are rounded to eight bits.
    ///
    /// @param checkpoint the model
    /// @return {@link #INT4} if all matrices of layers are stored in Q4_0 and the others in any format with blocks,
    ///     {@link #INT8} if all are stored in formats with blocks, {@link #BFLOAT16} if all are stored in bfloat16,
    ///     and otherwise {@link #FLOAT32}; routers do not count
    public static WeightFormat stored(CheckpointDirectory checkpoint) {
        Set<StoredType> inLayers = EnumSet.noneOf(StoredType.class);
        Set<StoredType> outside = EnumSet.noneOf(StoredType.class);
        for (StoredTensor tensor : checkpoint.tensors().values()) {
            String name = tensor.name();
            if (ParameterNames.isLinearMap(name)) {
                inLayers.add(tensor.type());
            } else if (tensor.shape().size() == 2
                    && !ParameterNames.isStoredInFloat32(name)
                    && !name.startsWith("model.layers.")) {
                outside.add(tensor.type());
            }
        }
        Set<StoredType> all = EnumSet.copyOf(inLayers);
        all.addAll(outside);
        if (all.stream().allMatch(StoredType::hasBlocks)) {
            return inLayers.equals(Set.of(StoredType.Q4_0)) ? INT4 : INT8;
        }
        return all.equals(Set.of(StoredType.BF16)) ? BFLOAT16 : FLOAT32;
    }
}
