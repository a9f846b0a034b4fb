package dev.saiki.convert.foreign;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// A model read from another tool's file, with its tensors under the names used in a checkpoint.
///
/// @param kind the source format
/// @param config the content of the model's `config.json`
/// @param tensors the model's tensors
/// @param files companion files of the checkpoint: content by name
/// @param sources all files that were read
public record ForeignModel(
        Kind kind,
        ObjectNode config,
        List<StoredTensor> tensors,
        SequencedMap<String, byte[]> files,
        List<Path> sources) {

    /// Copies the mutable components.
    public ForeignModel {
        tensors = List.copyOf(tensors);
        files = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(files));
        sources = List.copyOf(sources);
    }

    /// The source format of an imported model.
    ///
    /// @param format the format's name, such as `GGUF`
    /// @param architecture the architecture's name in the source format
    /// @param types the number formats of the model's tensors
    public record Kind(String format, String architecture, List<String> types) {

        /// Copies the list.
        public Kind {
            types = List.copyOf(types);
        }

        /// Describes the source in words.
        ///
        /// @return a description such as `GGUF, llama, Q4_K, F32`
        public String description() {
            return Stream.concat(Stream.of(format, architecture), types.stream())
                    .collect(Collectors.joining(", "));
        }
    }
}
