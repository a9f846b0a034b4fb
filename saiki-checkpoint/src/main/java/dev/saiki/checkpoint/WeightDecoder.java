package dev.saiki.checkpoint;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// A decoder of weights that another tool quantized.
@FunctionalInterface
public interface WeightDecoder {

    /// Replaces quantized weights by weights in a float format.
    ///
    /// @param where the folder, for messages
    /// @param quantization the value of `quantization_config`
    /// @param stored all tensors of the folder by name
    /// @return all tensors of the model by name
    /// @throws InputException if the weights cannot be decoded; the message names the key or tensor
    /// @throws IOException if the decoded weights cannot be stored
    SequencedMap<String, StoredTensor> decode(
            String where, JsonNode quantization, SequencedMap<String, StoredTensor> stored) throws IOException;
}
