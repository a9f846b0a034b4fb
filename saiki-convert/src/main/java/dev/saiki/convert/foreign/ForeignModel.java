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

/// A model as it was read from a file of another tool, under the names that a checkpoint has.
///
/// @param kind what it was there
/// @param config the content of its `config.json`
/// @param tensors its tensors
/// @param files what lies beside them in a checkpoint: name to content
/// @param sources all files that were read
public record ForeignModel(
        Kind kind,
        ObjectNode config,
        List<StoredTensor> tensors,
        SequencedMap<String, byte[]> files,
        List<Path> sources) {

    /// Keeps its own copies.
    public ForeignModel {
        tensors = List.copyOf(tensors);
        files = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(files));
        sources = List.copyOf(sources);
    }

    /// The form in which a model lay elsewhere.
    ///
    /// @param format such as `GGUF`
    /// @param architecture as the format calls it; empty if it has one only
    /// @param types number formats of its tensors
    /// @param widened those of them that became float32
    public record Kind(String format, String architecture, List<String> types, List<String> widened) {

        /// Keeps its own copies.
        public Kind {
            types = List.copyOf(types);
            widened = List.copyOf(widened);
        }

        /// Describes it in words.
        ///
        /// @return such as `GGUF, llama, Q4_K, F32`
        public String description() {
            return Stream.concat(Stream.of(format, architecture), types.stream())
                    .filter(word -> !word.isEmpty())
                    .collect(Collectors.joining(", "));
        }
    }
}
