package dev.saiki.engine.settings;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.Locale;

/// The number format in which the engine stores its weight matrices.
public enum WeightFormat {
    /// Four bytes per number: exact, and the reference for the other formats.
    FLOAT32,
    /// Two bytes per number, the upper half of a float32.
    BFLOAT16,
    /// One byte per number, and a float32 scale for each output.
    INT8,
    /// Half a byte per number in the layers, and a scale of two bytes for each 32 inputs; {@link #INT8} elsewhere.
    /// On a machine without kernels in C, layers are rounded to four bits and then stored in bfloat16.
    INT4;

    /// Returns the format's name in commands, JSON and certificates.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Returns the narrowest format that holds a checkpoint's matrices without rounding.
    ///
    /// @param checkpoint the model
    /// @return {@link #BFLOAT16} if all matrices but those of routers are stored in bfloat16, and otherwise {@link
    ///     #FLOAT32}
    public static WeightFormat stored(CheckpointDirectory checkpoint) {
        boolean halved = checkpoint.tensors().values().stream()
                .filter(tensor -> tensor.shape().size() == 2 && !ParameterNames.isStoredInFloat32(tensor.name()))
                .allMatch(tensor -> tensor.type() == StoredType.BF16);
        return halved ? BFLOAT16 : FLOAT32;
    }
}
