package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/// A model as it was read from a file of another tool, under the names that a checkpoint has.
///
/// @param description format, family and number formats, in words
/// @param config the content of its `config.json`
/// @param tensors its tensors
/// @param files what lies beside them in a checkpoint: name to content
public record ForeignModel(
        String description, ObjectNode config, List<StoredTensor> tensors, SequencedMap<String, byte[]> files) {

    /// Keeps its own copies.
    public ForeignModel {
        tensors = List.copyOf(tensors);
        files = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(files));
    }
}
